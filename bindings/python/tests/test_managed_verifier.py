"""The verifier that lives on: settings, and answers that need no network."""

import concurrent.futures

import pytest

import cbv

pytestmark = pytest.mark.skipif(not hasattr(cbv, "Verifier"), reason="built without the drivers")


@pytest.mark.parametrize("settings", [
    {"sources": ["nowhere"]},
    {"attempts_per_address": 0},
    {"hold_off": 3600.0},
    {"uncalled_addresses": ["198.18.0.0/99"]},
])
def test_settings_that_cannot_be(settings):
    with pytest.raises(ValueError):
        cbv.Verifier(**settings)


def test_a_domain_on_the_list_is_not_called():
    verifier = cbv.Verifier(uncalled_domains=["a.test"])
    verdict = verifier.verify("user@A.test")
    assert (verdict.kind, verdict.attempts) == ("none", [])


def test_many_threads_may_ask_one_verifier():
    verifier = cbv.Verifier(uncalled_domains=["a.test"])
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        kinds = list(pool.map(lambda n: verifier.verify(f"user{n}@a.test").kind, range(100)))
    assert kinds == ["none"] * 100


def test_what_is_no_mailbox_is_refused():
    with pytest.raises(cbv.PathError):
        cbv.Verifier().verify("no mailbox")

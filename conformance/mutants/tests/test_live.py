"""A sample of mutants as real servers in the lab: what the suite finds in virtual time it also finds on
real connections. The server is the reference server with a mutant's settings or verdicts.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

from harness import CONFORMANCE, TARGETS

cbv = pytest.importorskip("cbv", reason="the module cbv is not built")
BUILD = pathlib.Path(os.environ.get("CBV_BUILD", CONFORMANCE.parent / "build" / "release"))
SERVER = BUILD / "conformance" / "mutants" / "server" / "cbv-mutant-server"
pytestmark = pytest.mark.skipif(not SERVER.is_file(), reason="cbv-mutant-server is not built")

# mutant -> (a case of its requirement, the word expected of it)
SAMPLE = {
    "row-rcpt-552-fail": ("int-rcpt-552", "permanent-on-temporary"),
    "mx-null-accepted": ("mx-null", "bad-path-accepted"),
    "host-no-bound": ("host-four-at-most", "too-many-attempts"),
    "time-refused-at-rcpt": ("time-rcpt-stall", "permanent-on-temporary"),
    "cache-none": ("cache-pass-kept", "verdict-not-kept"),
    "load-objecting-domain-called": ("load-do-not-call-domain", "called-despite-objection"),
}


def make_target(mutant, folder):
    """The reference server's target with another program."""
    source = TARGETS / "refserver"
    text = (source / "target.toml").read_text(encoding="utf-8")
    start = json.dumps([str(SERVER), "--mutant", mutant, "--config", "{state}/refserver.toml"])
    text, count = re.subn(r"^start = .*$", lambda _: f"start = {start}", text, flags=re.MULTILINE)
    assert count == 1, "the reference server's target.toml has another form"
    folder.mkdir()
    (folder / "target.toml").write_text(text, encoding="utf-8")
    (folder / "refserver.toml").write_text((source / "refserver.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def run(mutant, folder):
    """(process, result as JSON) of the mutant's case; each run has a lab of its own."""
    case = SAMPLE[mutant][0]
    report = folder / f"{mutant}.json"
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join([str(CONFORMANCE), os.path.dirname(cbv.__file__)])
    done = subprocess.run([sys.executable, "-m", "harness", "run", "--target", str(make_target(mutant, folder / mutant)),
                           "--case", case, "--json", str(report)],
                          capture_output=True, text=True, env=environment, timeout=120, check=False)
    return done, json.loads(report.read_text(encoding="utf-8")) if report.is_file() else None


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mutants")
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(SAMPLE)) as pool:
        return dict(zip(SAMPLE, pool.map(lambda mutant: run(mutant, folder), SAMPLE)))


@pytest.mark.parametrize("mutant", SAMPLE)
def test_a_real_server_with_the_fault_is_found_out(mutant, results):
    case, word = SAMPLE[mutant]
    done, result = results[mutant]
    assert result is not None, done.stdout + done.stderr
    assert done.returncode == 1, done.stdout + done.stderr
    [outcome] = result["cases"]
    assert outcome["id"] == case
    assert word in [finding["word"] for finding in outcome["findings"]], done.stdout


def test_the_sample_is_of_the_registry():
    listed = subprocess.run([SERVER, "--list"], capture_output=True, text=True, check=True).stdout
    assert set(SAMPLE) <= {line.split()[0] for line in listed.splitlines()}


def test_a_mutant_that_goes_deeper_is_refused():
    done = subprocess.run([SERVER, "--mutant", "dlg-double-bounce", "--config", os.devnull], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 2
    assert "virtual time only" in done.stderr

"""Tests of our own: with the Python module, and with the suite run from a test."""

import pathlib

import cbv
import cbv_conformance

OURS = pathlib.Path(__file__).parents[1] / "my-verifier"


def test_the_module_reads_addresses():
    assert cbv.parse_mailbox("joe@Example.ORG").domain == "Example.ORG"


def test_our_verifier_probes_with_the_null_sender():
    result = cbv_conformance.run(OURS, "--case", "dlg-null-sender")
    assert [(case["id"], case["status"]) for case in result["cases"]] == [("dlg-null-sender", "pass")]

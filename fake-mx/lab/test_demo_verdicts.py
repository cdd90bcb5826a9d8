"""What a verifier makes of the demo: `cbv` is asked for every example of `fake-mx --list`, in the lab, with port 25 and real DNS.

The list says the verdict and its cause; so the words do what they say, and the README's column is true.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CBV_BUILD", ROOT / "build/release"))
LAB = pathlib.Path(__file__).with_name("lab")
FAKE_MX, CBV = BUILD / "fake-mx/fake-mx", BUILD / "lib/cli/cbv"
TIMERS = {"dns": 6, "connect": 4, "greeting": 6, "ehlo": 6, "mail": 6, "rcpt": 6, "quit": 1}

refused = subprocess.run([LAB, "true"], capture_output=True, text=True)
pytestmark = pytest.mark.skipif(refused.returncode != 0, reason=refused.stderr.strip() or "refused")


def ask(address):
    """"fail mailbox-refused", or what `cbv` complained about."""
    permitted = (os.environ[name] for name in ("CBV_LAB_HOSTS", "CBV_LAB_HOSTS6", "CBV_LAB_BLACKHOLE"))
    said = subprocess.run(
        [CBV, "--json", "--helo", "verifier.target.test", *(f"--permit={prefix}" for prefix in permitted),
         *(f"--{name}-timeout={seconds}s" for name, seconds in TIMERS.items()), address],
        capture_output=True, text=True, timeout=60)
    try:
        verdict = json.loads(said.stdout)
        return f"{verdict['verdict']} {verdict['cause']}"
    except ValueError:
        return said.stderr


def inside():
    """Runs in the lab: prints what is said of each address."""
    addresses = json.load(sys.stdin)
    demo = subprocess.Popen([FAKE_MX, "--demo", "--address-range", os.environ["CBV_LAB_HOSTS"], "--smtp-port", "25",
                             "--dns", os.environ["CBV_LAB_DNS"] + ":53", "--quiet", "--ready-file", "-"],
                            stdout=subprocess.PIPE, text=True)
    assert demo.stdout.readline()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        json.dump(dict(zip(addresses, pool.map(ask, addresses))), sys.stdout)
    demo.terminate()
    assert demo.wait(20) == 0


def test_every_word_gets_its_verdict():
    words = json.loads(subprocess.run([FAKE_MX, "--list", "json"], capture_output=True, text=True, check=True).stdout)
    expected = {word["example"]: f"{word['verdict']} {word['why']}" for word in words}
    assert len(expected) > 80
    said = subprocess.run([LAB, "--", sys.executable, __file__], input=json.dumps(list(expected)), capture_output=True,
                          text=True, timeout=300)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == expected


if __name__ == "__main__":
    inside()

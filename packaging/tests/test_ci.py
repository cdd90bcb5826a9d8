"""What CI systems are given: action.yml and gitlab-ci.yml parse, and their shell steps run here, literally."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from harness import outcome

yaml = pytest.importorskip("yaml", reason="needs python3-yaml")

ROOT = pathlib.Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((ROOT / "packaging" / "ci" / "gitlab-ci.yml").read_text(encoding="utf-8"))


class Runner:
    """As much of GitHub's runner as a composite action without other actions needs."""

    def __init__(self, workspace, **inputs):
        self.workspace = workspace
        self.inputs = {name: spec.get("default") for name, spec in ACTION["inputs"].items()} | inputs
        self.steps, self.summary, self.status, self.printed = {}, "", 0, ""

    def value(self, text):
        def found(match):
            scope, *rest = match[1].split(".")
            return str({"inputs": lambda name: self.inputs[name],
                        "steps": lambda step, _, name: self.steps[step].get(name, "")}[scope](*rest))
        return re.sub(r"\$\{\{ ([a-z_.]+) \}\}", found, text)

    def run(self):
        for number, step in enumerate(ACTION["runs"]["steps"]):
            output, summary = (self.workspace / f".{name}-{number}" for name in ("output", "summary"))
            script = self.workspace / f".step-{number}.sh"
            for path, text in ((output, ""), (summary, ""), (script, self.value(step["run"]))):
                path.write_text(text)
            env = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "CBV_BUILD", "CBV_LAB")}
            env |= {"GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "CI": "true"}
            env |= {name: self.value(text) for name, text in step.get("env", {}).items()}
            done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", script], cwd=self.workspace, env=env,
                                  text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.printed += done.stdout
            self.summary += summary.read_text()
            if "id" in step:
                self.steps[step["id"]] = dict(line.split("=", 1) for line in output.read_text().splitlines())
            if done.returncode != 0:
                self.status = done.returncode
                break
        return {name: self.value(spec["value"]) for name, spec in ACTION["outputs"].items()}


def test_the_action_uses_nothing_else():
    assert ACTION["runs"]["using"] == "composite"
    assert all(step["shell"] == "bash" and "uses" not in step for step in ACTION["runs"]["steps"])
    # An input inside a script could be a command; in a variable it is a text.
    assert not [step["name"] for step in ACTION["runs"]["steps"] if "${{" in step["run"]]
    assert all(spec["description"] for spec in [*ACTION["inputs"].values(), *ACTION["outputs"].values()])


def test_the_action_runs(tmp_path):
    runner = Runner(tmp_path, target="library", level="must", args="--area dlg  --area mx")
    outputs = runner.run()
    assert runner.status == 0, runner.printed
    assert outputs["status"] == "0"
    result = json.loads((tmp_path / outputs["json"]).read_text())
    assert {case["area"] for case in result["cases"]} == {"dlg", "mx"}
    assert {case["level"] for case in result["cases"]} == {"MUST"}
    assert (tmp_path / outputs["junit"]).stat().st_size > 1000
    assert (tmp_path / outputs["html"] / "index.html").is_file()
    assert runner.summary.startswith("# Conformance") and "| library |" in runner.summary


def test_the_action_fails_as_the_suite_does(tmp_path, project):
    target = project("pytest-project") / "my-verifier"
    (target / "verify").write_text((target / "verify").read_text().replace("exec ", "exit 1; exec "))
    runner = Runner(tmp_path, target="./pytest-project/my-verifier", args="--case dlg-null-sender --no-self-check")
    outputs = runner.run()
    assert runner.status == 1 and outputs["status"] == "1", runner.printed
    assert json.loads((tmp_path / outputs["json"]).read_text())["exit_status"] == 1
    runner = Runner(tmp_path, target="./pytest-project/my-verifier", args="--case no-such-case")
    assert runner.run()["status"] == "2" and runner.status == 2
    assert not (tmp_path / outputs["json"]).is_file() or not (tmp_path / outputs["json"]).stat().st_size
    assert not runner.summary, "the result of an earlier run was shown"


def test_an_input_is_no_command(tmp_path):
    runner = Runner(tmp_path, target="library", args="--area $(touch${IFS}pwned) ; touch pwned")
    runner.run()
    assert runner.status == 2 and not (tmp_path / "pwned").exists(), runner.printed


def test_the_gitlab_job_runs(tmp_path):
    """With stand-ins for apt-get and git: the clone is this tree."""
    job = GITLAB["cbv-conformance"]
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "apt-get").write_text("#!/bin/sh\n")
    (tools / "git").write_text(f"#!/bin/sh\nfor last; do :; done\nln -s '{ROOT}' \"$last\"\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    variables = dict(job["variables"], CBV_TARGET="library", CBV_LEVEL="must", CI_PROJECT_DIR=str(tmp_path),
                     PATH=f"{tools}:{os.environ['PATH']}")
    script = "\n".join([*job["before_script"], f"PATH={os.environ['PATH']!r}", *job["script"]])
    env = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "CBV_BUILD", "CBV_LAB")} | variables
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=env, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).is_file()
    assert (tmp_path / job["artifacts"]["paths"][0] / "site" / "index.html").is_file()


def test_the_guide_has_every_exit_status(prefix):
    """CI.md, the manual page and the harness list the same numbers."""
    guide = (ROOT / "conformance" / "CI.md").read_text(encoding="utf-8")
    page = (prefix / "share" / "man" / "man1" / "cbv-conformance.1").read_text()
    numbers = {str(number) for number in (outcome.CONFORMANT, outcome.FAILED, outcome.USAGE, outcome.UNEXPECTED, outcome.FAULT)}
    assert set(re.findall(r"^\| ([0-9]) \|", guide, re.MULTILINE)) == numbers
    assert set(re.findall(r"^\.It ([0-9])$", page, re.MULTILINE)) == numbers

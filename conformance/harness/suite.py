"""What the suite says of itself (conformance/suite.toml): its version, which every report prints."""

import functools
import re
import tomllib

from harness import CONFORMANCE, SuiteError

FILE = CONFORMANCE / "suite.toml"
# Semantic versioning 2.0.0, without build metadata.
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?")


def parse(text, where):
    """The version in a suite.toml; SuiteError when the file is at fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"{where}: {error}") from None
    for key in data:
        if key != "version":
            raise SuiteError(f"{where}: unknown key {key!r}")
    if not SEMVER.fullmatch(str(data.get("version"))):
        raise SuiteError(f"{where}: version: expected a semantic version such as 1.0.0, "
                         f"found {data.get('version')!r}")
    return data["version"]


@functools.cache
def version():
    """The suite's version: '1.0.0-rc1'."""
    return parse(FILE.read_text(encoding="utf-8"), FILE)

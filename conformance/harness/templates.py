"""Fills names into argument lists ({name}) and configuration files ({{name}}). An unknown name is an
error: a template that keeps its braces would be read by the target as something else.
"""

import re
import sys

from harness import BUILD, PROGRAMS, ROOT, TARGETS, UsageError


def number(seconds):
    """Seconds without a needless fraction: 4, 1.5."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def values_of(spec, state, prefix=None, scale=1.0):
    """Every name a target's templates may use. {build} and {root} exist in the source tree only."""
    values = {
        "state": str(state), "targetdir": str(spec.directory), "targets": str(TARGETS),
        "prefix": str(prefix or ""), "python": sys.executable,
        **{name: str(path) for name, path in PROGRAMS.items()},
        **({} if BUILD is None else {"build": str(BUILD), "root": str(ROOT)}),
        "address": spec.address, "port": str(spec.port), "dns": "192.0.2.53",
    }
    values.update({name: number(seconds * scale) for name, seconds in spec.timeouts.items()})
    values.update({name: str(count) for name, count in spec.limits.items()})
    values.update(spec.identities)
    for name, text in spec.values.items():
        if name in values:
            raise UsageError(f"{spec.name}: values: {name} is a name of the harness")
        values[name] = expand(text, values, f"{spec.name}: values: {name}")
    return values


def expand(text, values, where):
    """`text` with each {name} replaced. A brace that is not around a name stays."""
    return _replace(r"\{([a-z][a-z0-9-]*)\}", text, values, where)


def render(text, values, where):
    """`text` with each {{name}} replaced."""
    return _replace(r"\{\{([a-z][a-z0-9-]*)\}\}", text, values, where)


def _replace(pattern, text, values, where):
    def value(match):
        if match[1] not in values:
            line = f":{text.count(chr(10), 0, match.start()) + 1}" if "\n" in text else ""
            raise UsageError(f"{where}{line}: unknown name {match[0]}; known: {', '.join(sorted(values))}")
        return values[match[1]]

    return re.sub(pattern, value, text)


def write_files(spec, state, values):
    """Renders the target's files into its state directory."""
    for path, template in spec.files.items():
        source = spec.directory / template
        if not source.is_file():
            raise UsageError(f"{spec.directory}/target.toml: files: {source} does not exist")
        target = state / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render(source.read_text(encoding="utf-8"), values, source), encoding="utf-8")

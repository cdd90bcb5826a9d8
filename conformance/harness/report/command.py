"""cbv-conformance report: from results to a site, Markdown, TAP or a badge."""

import argparse

from harness import UsageError, draft, outcome, report_json
from harness.report import badge, data, markdown, site, tap


class _Parser(argparse.ArgumentParser):
    """argparse whose errors are ours."""

    def error(self, message):
        raise UsageError(f"{self.prog}: {message}")


def run(arguments):
    """The verb; its status is 0 whatever the results say."""
    parser = _Parser(prog="report", add_help=False, allow_abbrev=False)
    parser.add_argument("results", nargs="*", metavar="RESULT.json")
    parser.add_argument("--output", metavar="DIR")
    for option in ("--markdown", "--tap", "--badge"):
        parser.add_argument(option, metavar="FILE")
    options = parser.parse_args(arguments)
    if not options.results:
        raise UsageError("report needs at least one RESULT.json (of run --json)")
    if not any((options.output, options.markdown, options.tap, options.badge)):
        raise UsageError("report needs --output DIR, --markdown FILE, --tap FILE or --badge FILE")
    implementations = data.load(options.results)
    if options.badge and len(implementations) > 1:
        raise UsageError("report --badge takes one result; --output makes a badge for each")
    matrix = data.Matrix(implementations, draft.requirements())
    texts = {"--markdown": lambda: markdown.text(matrix),
             "--tap": lambda: tap.text([(i.label, i.result) for i in implementations]),
             "--badge": lambda: badge.svg(implementations[0].result)}
    for option, text in texts.items():
        if path := getattr(options, option.removeprefix("--")):
            report_json.check(path, option)
            report_json.save(path, text())
    if options.output:
        site.write(matrix, options.output)
        print(f"{options.output}/index.html")
    return outcome.CONFORMANT

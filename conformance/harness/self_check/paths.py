"""What the self-check makes of its paths: a good one, an unknown one, a temporary one, and two whose host
is not there, of which any answer is enough. Each sentence says what was seen on the time line, what is the
likely cause, and what to do.
"""

import difflib
import re

PATHS = ("good", "unknown", "temporary", "unreachable", "nowhere")
STATUS = len("status 255")  # so much of a reason tells one trouble from another
LAB_HOSTS = "198.18.0.0/15, 203.0.113.0/24 and 2001:db8::/32"


def judge(report, seen):
    """Adds what the three probes show to the report."""
    good, unknown, temporary, unreachable, nowhere = (seen.get(f"check-{name}") for name in PATHS)
    if good is None:
        if "verifier" in report.spec.roles:
            report.fail("not even the probe of a good path can be run: what do capabilities and identities lack?")
        return
    if good.without_answer or not good.answered:
        report.fail(_no_answer(good))
        return
    if trouble := _no_call(good) or _swapped(good, unknown) or _good_not_accepted(good):
        report.fail(trouble + _ended(good))
        return
    report.ok(f"{good.path} was accepted after a call ({good.host} was asked)")
    silent = [probe for probe in (unknown, temporary, unreachable, nowhere) if probe.without_answer]
    for reason in dict.fromkeys(probe.outcome.reason[:STATUS] for probe in silent):  # one sentence for one exit status
        report.fail(_no_answer(next(probe for probe in silent if probe.outcome.reason.startswith(reason))))
    if not report.wrong:
        _judge_unknown(report, unknown, temporary)
        _judge_temporary(report, temporary)


# --- the good path ---


def _no_answer(probe):
    """The engine could not say anything: no reply, no verdict, a program that does not run."""
    reason, case = probe.outcome.reason, f"for {probe.path}"
    if probe.spec.server:
        return f"{case}: {reason}"
    if reason.startswith("the command ended with status 127"):
        return (f"command: {case} it ended with status 127, which says that it cannot do this{_colon(reason)}. A shell says 127 "
                "when a program is missing; a program that means something else by it needs a script in between")
    if found := re.match(r"status (-?\d+), no verdict: (.*)", reason, re.DOTALL):
        status, words = found.groups()
        advice = (f'[verdict-by-status] {status} = "..."' if int(status) >= 0 and status not in ("0", "1") or not words else
                  "[verdict-by-output], with a pattern of these words")
        return (f"verdicts: {case} it ended with status {status} and printed '{_first_line(words)}', and neither "
                f"[verdict-by-status] nor [verdict-by-output] says which verdict that is: add it to {advice}")
    return f"command: {case}: {reason}"


def _ended(probe):
    """What a command printed may say more than its verdict: a script that breaks states what its status means."""
    if not (ended := probe.outcome.ended):
        return ""
    if not ended.printed:
        return f"\nThe command: {ended}"
    last_line = ended.printed.rpartition("\\n")[2]
    return f"\nThe command: {ended.how}, and the end of what it printed is '{last_line}'"


def _colon(reason):
    words = reason.partition(": ")[2]
    return f" and printed '{_first_line(words)}'" if words else ""


def _first_line(words):
    return words.partition("\\n")[0]


def _no_call(probe):
    """'' when the called host was asked; else how far it came and what may stand in its way."""
    if probe.asked:
        return ""
    answer = f"for {probe.path} it gave {probe.words}"
    helo = probe.spec.identities.get("helo", "")
    if probe.connected:
        last = probe.said[-1] if probe.said else "nothing"
        return (f"{answer}; it connected to {probe.host} and said no RCPT TO there: the last it said was '{last}'. It "
                f"verifies hosts, not mailboxes, or gave up: see the time line")
    if probe.queries:
        asked = ", ".join(probe.queries[:4])
        if probe.verdict == "pass":
            return (f"{answer} without a call: it asked the DNS ({asked}) and connected to no host. Does it only look for an MX "
                    "record? Switch the call-back on")
        return (f"{answer}; it asked the DNS ({asked}) and connected to no host, although {probe.host} port 25 was there. Does its "
                f"configuration permit calling {LAB_HOSTS}? Does it use these records?")
    if probe.verdict == "pass":
        return (f"{answer} without a call, and not one DNS query came. Is the verification switched on, for this client and this "
                "recipient? Is the domain taken for a local or trusted one, or the verdict remembered from before?")
    if probe.spec.server and probe.reply[1] // 100 == 5:
        return (f"{answer}, and not one DNS query came: it refused before it verified. Is {probe.spec.identities.get('recipient')} "
                "an address it accepts (identities: recipient)? May a client of 198.51.100.0/24 send to it? "
                "Or does it read another /etc/resolv.conf than the lab's?")
    return (f"{answer}, and not one DNS query came. Does it read /etc/resolv.conf, which names the lab's DNS? Where it has a "
            f"setting of its own, write {{dns}} there ({{{{dns}}}} in a file). Does it know itself as {helo}?")


def _swapped(good, unknown):
    """A good path is bad and a bad one good."""
    if good.verdict == "fail" and unknown.verdict == "pass" and unknown.asked:
        where = "[verdict-by-status] or [verdict-by-output]" if not good.spec.server else "its configuration"
        return (f"the called host accepted {good.path}, and the answer was {good.words}; it refused {unknown.path}, and the "
                f"answer was {unknown.words}: pass and fail are swapped in {where}")
    return ""


def _good_not_accepted(probe):
    """The called host accepted, the client was not."""
    if probe.verdict in ("pass", "none"):
        return ""
    seen = f"the called host accepted {probe.path}, and the answer was {probe.words}"
    if not probe.spec.server:
        return f"{seen}: is the verdict map right? A pass has to be in [verdict-by-status] or [verdict-by-output]"
    kind, code, text = probe.reply
    if code // 100 == 4 and probe.spec.pending and re.search(probe.spec.pending, f"{code} {text}"):
        return (f"{seen}, even after {probe.asked_times} questions: pending matches a reply that is final, or the "
                "verdict is not kept until the next question")
    if code // 100 == 4:
        return (f"{seen}. When the verdict comes later than the first reply, say so: capability deferred-verdict and a pattern of "
                f"this reply, such as\n    pending = \"{_pattern(_constant(text, probe))}\"")
    return (f"{seen}: something else than the verification refuses it. Is {probe.spec.identities.get('recipient')} an address it "
            "accepts (identities: recipient)? May a client of 198.51.100.0/24 send to it?")


# --- the unknown path ---


def _judge_unknown(report, probe, temporary):
    seen = f"the called host refused {probe.path} with 550"
    if not probe.asked:
        report.fail(f"for {probe.path} it gave {probe.words}, and no called host was asked for it, while one was for the good "
                    "path: see the time line")
    elif probe.verdict == "fail":
        report.ok(f"{probe.path} was refused after a call")
    elif probe.verdict == "tempfail" and probe.spec.server:
        _deferred(report, probe, temporary, seen)
    elif probe.verdict in ("pass", "none"):
        what = ("does its configuration refuse, or only warn or mark?" if probe.spec.server else
                "is the verdict map right?")
        report.fail(f"{seen}, and the answer was {probe.words}: the verification has no consequence; {what}")
    elif any(verdict == "fail" for verdict in (*probe.spec.verdict_by_status.values(), *probe.spec.verdict_by_output)):
        report.fail(f"{seen}, and the answer was {probe.words}: is the verdict map right?")
    else:
        report.warn(f"{seen}, and the answer was {probe.words}: it states no fail at all, so most cases will say so")


def _deferred(report, probe, temporary, seen):
    """A definite refusal that is worded as 4yz."""
    words = f"{seen}, and the answer was {probe.words}"
    if temporary.asked and temporary.reply[1] // 100 == 5:
        report.fail(f"{words}; it deferred {temporary.path} with 451, and the answer was {temporary.words}: 4yz and 5yz are "
                    "swapped in its configuration")
        return
    if pattern := _suggested(probe, temporary):
        report.fail(f"{words}. Where a definite refusal is worded as 4yz, a pattern has to tell it from a temporary one:\n"
                    f"    definite = \"{pattern}\"\n  or set a 5yz code for it in its configuration")
    else:
        report.warn(f"{words}, the same as for a temporary refusal: it refuses nothing for good, so many cases will say "
                    "bad-path-deferred")


def _suggested(probe, temporary):
    """A pattern that the text of the definite refusal has and that of the temporary one has not; '' if none."""
    text, other = _plain(probe), _plain(temporary)
    if found := re.search(r"(\S+ )?5\d\d(?=[ -])", text):  # the called host's own code is quoted
        pattern = _pattern(found[1] or "") + "5[0-9][0-9]"
        if not re.search(pattern.replace("\\\\", "\\"), other):
            return pattern
    words, others = text.split(), other.split()
    runs = difflib.SequenceMatcher(None, words, others, autojunk=False).get_opcodes()
    mine = [" ".join(words[a:b]) for tag, a, b, _, _ in runs if tag in ("replace", "delete")]
    mine = [each for each in mine if each not in other and "check-" not in each]
    return _pattern(max(mine, key=len)) if mine else ""


def _plain(probe):
    """The reply's text without code, and without the enhanced code."""
    return re.sub(r"^[245]\.\d{1,3}\.\d{1,3} ", "", probe.reply[2].replace("\\n", " "))


def _constant(text, probe):
    """The longest run of words in a reply that has nothing of the path, of the host or of the moment."""
    runs, run = [], []
    for word in re.sub(r"^[245]\.\d{1,3}\.\d{1,3} ", "", text.replace("\\n", " ")).split() + ["0"]:
        if "check-" in word or re.search(r"[0-9@<>]", word):
            runs.append(" ".join(run))
            run = []
        else:
            run.append(word)
    return max(runs, key=len)


def _pattern(words):
    """A regular expression of these words, as it stands between quotes in a TOML file."""
    return re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\\\1", words).replace('"', '\\"')


# --- the temporary path ---


def _judge_temporary(report, probe):
    seen = f"the called host deferred {probe.path} with 451"
    if not probe.asked:
        report.warn(f"for {probe.path} it gave {probe.words}, and no called host was asked for it")
    elif probe.verdict in ("tempfail", "unverifiable"):
        report.ok(f"{probe.path} was deferred after a call")
    elif probe.verdict == "fail" and probe.spec.server and probe.reply[1] // 100 == 4:
        report.fail(f"{seen}, and definite matches the answer, {probe.words}: the pattern has to match definite refusals only")
    else:
        known = {*probe.spec.verdict_by_status.values(), *probe.spec.verdict_by_output}
        more = "" if probe.spec.server or "tempfail" in known else " (its verdict map has no tempfail)"
        report.warn(f"{seen}, and the answer was {probe.words}{more}: if that is what it does, the cases will say so")

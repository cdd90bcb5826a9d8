"""The plots: which counts of which experiment are drawn how. Each is a function of (results, width) and
gives SVG text; what is on record decides which lines there are.
"""

from simulation import svg
from simulation.results import share_of

COLOURS = {"none": "grey", "plain": "ochre", "exim": "blue", "postfix": "violet", "rules": "green",
           "standing-off": "red", "standing-strict": "green", "standing-postmaster": "ochre"}
SPARE = ("red", "ochre", "blue", "violet", "grey")
NAMES = {"none": "no verification", "plain": "plain callout", "exim": "Exim's way", "postfix": "Postfix's way",
         "rules": "these rules", "patience-off": "no patience", "patience-24h": "patience 24 h", "standing-off": "standing off", "standing-strict": "standing strict",
         "standing-postmaster": "control question"}
DELAYS = (("within 1 min", "1m"), ("15 min", "15m"), ("1 h", "1h"), ("4 h", "4h"), ("24 h", "24h"))


def called(policy):
    """A policy in words."""
    return NAMES.get(policy, policy)


def coloured(policies):
    """[(policy, colour)]: the known ones have theirs."""
    spare = iter(SPARE * len(policies))
    return [(policy, COLOURS.get(policy) or next(spare)) for policy in policies]


def a_minute(counts_name, minutes):
    """The measure: so many a minute."""
    return lambda counts: counts.get(counts_name, 0) / minutes


def reflection(results, width, minutes=1):
    """The victim's connections a minute against the number of verifiers, beside the backscatter."""
    name, series, band = "reflection", [], None
    for policy, colour in coloured(results.policies(name)):
        points = results.points(name, policy)
        if policy == "none":
            series.append(("backscatter without verification (5 %)", colour,
                           [(p["verifiers"], results.estimate(a_minute("backscatter", minutes), name, policy, p)) for p in points]))
            all_of_it = [(p["verifiers"], results.estimate(a_minute("run_admitted", minutes), name, policy, p).mean) for p in points]
            band = (colour, "backscatter if 1 % to 100 % bounced", [(n, m / 100, m) for n, m in all_of_it])
        else:
            series.append((called(policy), colour,
                           [(p["verifiers"], results.estimate(a_minute("victim_connections", minutes), name, policy, p)) for p in points]))
    return svg.lines("Connections a minute at the victim", series, "verifiers", "connections a minute at the victim's host",
                     (1, 10000), (0.1, 1e6), (True, True), width=width, height=420, band=band)


def _by_standing(results, measure):
    """[(words, colour, [(share, estimate)])] of the experiments about standing."""
    found = []
    for policy, colour in coloured(results.policies("standing")):
        points = results.points("standing", policy)
        exempts = sorted({p["postmaster_exempt_share"] for p in points})
        lines = {e: [(p["bare_blocker_share"], results.estimate(measure, "standing", policy, p)) for p in points
                     if p["postmaster_exempt_share"] == e] for e in exempts}
        if all([e.mean for _, e in lines[one]] == [e.mean for _, e in lines[exempts[0]]] for one in exempts):
            found.append((called(policy), colour, lines[exempts[0]]))
        else:
            tints = (colour, *(c for c in ("ochre", "grey", "red") if c != colour))
            found += [(f"{called(policy)}, {100 * e:.0f} % exempt", tint, lines[e]) for e, tint in zip(exempts, tints)]
    if "standing-others" in results.experiments():
        for policy, colour in coloured(results.policies("standing-others")):
            found.append((called(policy), colour, [(p["bare_blocker_share"], results.estimate(measure, "standing-others", policy, p))
                                                   for p in results.points("standing-others", policy)]))
    return found


def wrong_fail(results, width):
    """Good messages refused against the share of bare-550 blockers."""
    series = _by_standing(results, share_of("good_refused", "good_sent", 10000))
    most = max(e.high for _, _, points in series for _, e in points)
    return svg.lines("Good mail refused", series, "share of hosts that refuse listed callers with a bare 550",
                     "wrong fail in 10,000 good messages", (0, 0.4), (0, max(most, 1)), width=width, height=400)


def admitted_beside(results, width):
    """Forged messages admitted, for the same policies and points."""
    series = _by_standing(results, share_of("forged_admitted", "forged_sent", 100))
    return svg.lines("Forged mail admitted", series, "share of hosts that refuse listed callers with a bare 550",
                     "forged messages admitted, %", (0, 0.4), (0, 100), width=width, height=400)


def delay_parts(results, policy, experiment="patience"):
    """[Estimate] for each of DELAYS, then later, refused and never: how many of 10,000 good messages."""
    def part(index):
        def measure(counts):
            upper = counts[f"good_within_{DELAYS[index][1]}"] if index < len(DELAYS) else counts["good_admitted"]
            lower = counts[f"good_within_{DELAYS[index - 1][1]}"] if index else 0
            return 10000 * (upper - lower) / counts["good_sent"]
        return results.estimate(measure, experiment, policy)
    return [part(i) for i in range(len(DELAYS) + 1)] + [
        results.estimate(share_of(f"good_{end}", "good_sent", 10000), experiment, policy) for end in ("refused", "never")]


def delays(results, width):
    """How late good mail comes, and how much of it never."""
    series = [(called(policy), colour, delay_parts(results, policy)) for policy, colour in coloured(results.policies("patience"))]
    words = [word for word, _ in DELAYS] + ["later", "refused", "never"]
    return svg.bars("The delay of good mail", words, series, "of 10,000 good messages, logarithmic", (1, 10000), True,
                    width=width, height=400)


def forger(results, width):
    """What an adapting forger gets admitted."""
    kinds = list(dict.fromkeys(p["forger"] for policy in results.policies("forger") for p in results.points("forger", policy)))
    series = [(called(policy), colour, [results.estimate(share_of("run_admitted", "run_sent", 100), "forger", policy, {"forger": k})
                                        for k in kinds]) for policy, colour in coloured(results.policies("forger"))]
    return svg.bars("What an adapting forger gets admitted", ["victim" if k == "none" else k for k in kinds], series,
                    "of his messages admitted, %", (0, 100), width=width, height=380)



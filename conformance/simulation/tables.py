"""Tables of results: as rows of plain words, which become HTML for the page and markup for the draft."""

from simulation import plots
from simulation.results import share_of
from simulation.svg import number

PER_10000 = {"good_refused": "good refused", "good_never": "good never arrived", "good_late": "good late",
             "bulk_refused": "list mail refused", "bulk_never": "list mail never arrived", "bulk_late": "list mail late"}
PER_100 = {"forged_admitted": "forged admitted", "forged_by_spf": "forged refused by SPF", "run_admitted": "run admitted"}


def words(e, digits=1):
    """An estimate as text; the interval where it is not too narrow to show."""
    mean = f"{e.mean:,.{digits}f}"
    half = (e.high - e.low) / 2
    return mean if half < 0.5 * 10 ** -digits else f"{mean} +/- {half:,.{digits}f}"


def experiment(results, name):
    """(header, rows) of a whole experiment: what was sent decides the columns."""
    policies = results.policies(name)
    swept = list(results.points(name, policies[0])[0])
    some = results.counts(name, policies[0], results.points(name, policies[0])[0])[0]
    measures = [(label, share_of(count, count.split("_")[0] + "_sent", 10000)) for count, label in PER_10000.items()
                if count.split("_")[0] + "_sent" in some]
    measures = [(f"{label}, of 10,000", measure) for label, measure in measures]
    measures += [(f"{label}, %", share_of(count, count.split("_")[0] + "_sent", 100)) for count, label in PER_100.items()
                 if count.split("_")[0] + "_sent" in some]
    measures += [("calls' connections", lambda c: c["connections"]), ("at the victim", lambda c: c["victim_connections"]),
                 ("bounces at the victim", lambda c: c["backscatter"]), ("verifiers listed", lambda c: c["listed"])]
    measures = [(label, measure) for label, measure in measures if any(
        results.estimate(measure, name, p, point).mean for p in policies for point in results.points(name, p))]
    header = ["policy", *(s.replace("_", " ") for s in swept), *(label for label, _ in measures)]
    rows = [[policy, *(str(point[s]) for s in swept), *(words(results.estimate(measure, name, policy, point)) for _, measure in measures)]
            for policy in policies for point in results.points(name, policy)]
    return header, rows


def reflection(results, minutes=1):
    """Connections a minute at the victim, by the number of verifiers."""
    name = "reflection"
    sizes = [p["verifiers"] for p in results.points(name, results.policies(name)[0])]
    rows = []
    for policy in results.policies(name):
        count = "backscatter" if policy == "none" else "victim_connections"
        rows.append([f"{plots.called(policy)} (bounces)" if policy == "none" else plots.called(policy), *(
            number(results.estimate(plots.a_minute(count, minutes), name, policy, {"verifiers": n}).mean).replace("\u202f", ",")
            for n in sizes)])
    return ["verifiers", *(f"{n:,}" for n in sizes)], rows


def standing(results):
    """Good refused and forged admitted, by the share of bare-550 blockers."""
    refused = plots._by_standing(results, share_of("good_refused", "good_sent", 10000))
    admitted = plots._by_standing(results, share_of("forged_admitted", "forged_sent", 100))
    header = ["policy", *(f"{100 * x:g} %" for x, _ in refused[0][2])]
    return header, [[name, *(f"{r.mean:,.0f} / {a.mean:.0f}" for (_, r), (_, a) in zip(points, others[2]))]
                    for (name, _, points), others in zip(refused, admitted)]


def delays(results):
    """How late good mail comes."""
    header = ["policy", *(word for word, _ in plots.DELAYS), "later", "refused", "never"]
    return header, [[plots.called(policy), *(f"{e.mean:,.0f}" for e in plots.delay_parts(results, policy))]
                    for policy in results.policies("patience")]

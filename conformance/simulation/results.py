"""Results as data: runs of several seeds become means with an interval; CSV of all of them."""

import csv
import io
import json
import math
import statistics
from collections import namedtuple

# Student's t, two-sided 95 %, by degrees of freedom; beyond the table the last is close enough.
T95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120)

Estimate = namedtuple("Estimate", "mean low high")


def estimate(values):
    """The mean of some seeds and its 95 % interval by Student's t; a lone seed has no interval."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return Estimate(mean, mean, mean)
    half = T95[min(len(values) - 2, len(T95) - 1)] * statistics.stdev(values) / math.sqrt(len(values))
    return Estimate(mean, mean - half, mean + half)


class Results:
    """All runs of a results file."""

    def __init__(self, data):
        if data.get("format") != 1:
            raise ValueError(f"results of format {data.get('format')!r}: this reads format 1")
        self.runs = data["runs"]

    def experiments(self):
        """Names, in the file's order."""
        return list(dict.fromkeys(run["experiment"] for run in self.runs))

    def policies(self, experiment):
        """Of an experiment, in the file's order."""
        return list(dict.fromkeys(run["policy"] for run in self.runs if run["experiment"] == experiment))

    def points(self, experiment, policy):
        """Of an experiment and policy, in the file's order."""
        found = []
        for run in self.runs:
            if (run["experiment"], run["policy"]) == (experiment, policy) and run["point"] not in found:
                found.append(run["point"])
        return found

    def counts(self, experiment, policy, point=None):
        """The counts of each seed; KeyError when there is no such run."""
        found = [run["counts"] for run in self.runs if (run["experiment"], run["policy"], run["point"]) ==
                 (experiment, policy, point or {})]
        if not found:
            raise KeyError(f"no run of {experiment} by {policy} at {point or {}}")
        return found

    def estimate(self, measure, experiment, policy, point=None):
        """A measure, a function of a run's counts, over the seeds."""
        return estimate([measure(counts) for counts in self.counts(experiment, policy, point)])


def read(path):
    """The results in a file."""
    return Results(json.loads(path.read_text(encoding="utf-8")))


def share_of(name, of, scale):
    """The measure `name` of each `scale` of `of`."""
    return lambda counts: scale * counts.get(name, 0) / counts[of]


def as_csv(results):
    """One line for each experiment, policy, point and count, with mean and interval."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["experiment", "policy", "point", "count", "seeds", "mean", "low", "high"])
    for experiment in results.experiments():
        for policy in results.policies(experiment):
            for point in results.points(experiment, policy):
                seeds = results.counts(experiment, policy, point)
                where = " ".join(f"{name}={value}" for name, value in point.items())
                for name in sorted({name for counts in seeds for name in counts}):
                    e = estimate([counts.get(name, 0) for counts in seeds])
                    table.writerow([experiment, policy, where, name, len(seeds), *(f"{x:.2f}" for x in e)])
    return out.getvalue()


def differences(old, new):
    """What two results do not have in common, in words; empty when they agree."""
    def by_key(results):
        return {(run["experiment"], run["policy"], json.dumps(run["point"]), run["seed"]): run["counts"]
                for run in results.runs}
    before, after = by_key(old), by_key(new)
    said = [f"{' '.join(map(str, key))}: only in the {'new' if key in after else 'committed'} results"
            for key in before.keys() ^ after.keys()]
    for key in before.keys() & after.keys():
        said += [f"{' '.join(map(str, key))}: {name} is {after[key].get(name, 0)}, committed {before[key].get(name, 0)}"
                 for name in sorted(before[key].keys() | after[key].keys())
                 if before[key].get(name, 0) != after[key].get(name, 0)]
    return sorted(said)

"""Reading, drawing and comparing of results; what the numbers are is tested in tests/ (C++)."""

import json
import xml.etree.ElementTree

import pytest

from simulation import FOLDER, RESULTS, TABLE, draft_part, page, plots, results, svg, tables


needs_results = pytest.mark.skipif(not RESULTS.exists(), reason="no results are committed yet: ./run simulate --write")


def made(*runs):
    return results.Results({"format": 1, "runs": [
        {"experiment": e, "policy": p, "point": point, "seed": seed, "counts": counts} for e, p, point, seed, counts in runs]})


def test_interval_of_three_seeds():
    # mean 4, standard deviation 2, t for 2 degrees of freedom 4.303: 4.303 * 2 / sqrt(3) = 4.969
    e = results.estimate([2, 4, 6])
    assert (e.mean, round(e.low, 3), round(e.high, 3)) == (4, -0.969, 8.969)
    assert results.estimate([5]) == (5, 5, 5)


def test_differences_are_told_by_run_and_count():
    old = made(("e", "p", {}, 1, {"a": 1, "b": 2}), ("e", "p", {}, 2, {"a": 1}))
    new = made(("e", "p", {}, 1, {"a": 1, "b": 3}))
    assert results.differences(old, old) == []
    assert results.differences(old, new) == ["e p {} 1: b is 3, committed 2", "e p {} 2: only in the committed results"]


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="format 2"):
        results.Results({"format": 2, "runs": []})


def test_logarithmic_scale():
    scale = svg.Scale(1, 1000, 0, 300, log=True)
    assert [round(scale(x)) for x in (1, 10, 1000)] == [0, 100, 300]
    assert scale.ticks() == [1, 10, 100, 1000]
    assert scale(0) == 0, "nothing is drawn below the axis"


@needs_results
def test_committed_table_is_that_of_the_committed_results():
    assert TABLE.read_text(encoding="utf-8") == results.as_csv(results.read(RESULTS))


@needs_results
def test_committed_results_fit_the_schema():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((FOLDER / "results" / "schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(RESULTS.read_text(encoding="utf-8")), schema)


@needs_results
def test_the_drafts_part_is_that_of_the_committed_results():
    assert draft_part.problems(results.read(RESULTS)) == []


@needs_results
@pytest.mark.parametrize("width", (page.WIDE, page.NARROW))
def test_plots_are_well_formed_and_stay_inside(width):
    read = results.read(RESULTS)
    for name, _, plot, _ in page.PLOTS:
        tree = xml.etree.ElementTree.fromstring(plot(read, width))
        for line in tree.iter("{http://www.w3.org/2000/svg}line"):
            assert -1 <= float(line.get("x1")) <= width + 1, name


@needs_results
def test_delays_and_losses_are_all_of_the_messages():
    read = results.read(RESULTS)
    for policy in read.policies("patience"):
        assert sum(e.mean for e in plots.delay_parts(read, policy)) == pytest.approx(10000)


@needs_results
def test_the_page_has_every_plot_experiment_and_caveat(tmp_path):
    read = results.read(RESULTS)
    page.write(read, tmp_path, RESULTS.read_text(encoding="utf-8"))
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    for name, *_ in page.PLOTS:
        assert f'id="{name}"' in text and (tmp_path / f"{name}.svg").is_file()
    for name in read.experiments():
        assert f'id="data-{name}"' in text
    assert text.count(page.CAVEAT) >= len(page.PLOTS) + len(read.experiments())


def test_words_of_an_estimate():
    assert tables.words(results.Estimate(12.34, 12.33, 12.35)) == "12.3"
    assert tables.words(results.Estimate(12.34, 10, 14.68)) == "12.3 +/- 2.3"

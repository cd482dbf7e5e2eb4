from xml.etree import ElementTree

import pytest

from deploy.lab.bench.chart import chart
from deploy.lab.bench.postgres import Counters
from deploy.lab.bench.report import Comparison, Report
from deploy.lab.bench.rounds import LOAD, Figures, cpu_ratio, merged, ratio

pytestmark = pytest.mark.pure


def figures(operations=100, seconds=1.0, cpu=0.5, failures=0, **more):
    latencies = [place / 1000 for place in range(1, operations + 1)]
    errors = {"Failed: 503": failures} if failures else {}
    return Figures(seconds, latencies, failures, errors, {"orders": cpu, LOAD: 9.0}, **more)


def test_percentiles_are_those_of_the_sorted_latencies():
    one = figures(100)

    assert (one.percentile(0.5), one.percentile(0.95), one.percentile(0.99)) == (51.0, 96.0, 100.0)
    assert figures(0).percentile(0.99) == 0.0


def test_the_load_generators_own_processor_time_is_told_apart():
    one = figures(100, cpu=0.5)

    assert one.cpu_per_1000() == {"orders": 5.0, LOAD: 90.0}
    assert one.cpu_total == 5.0


def test_rounds_are_merged_by_what_was_done_in_them():
    both = merged([figures(100, 1.0, 0.5, 2), figures(300, 2.0, 0.7, 1)])

    assert (both.operations, both.failures, both.errors) == (400, 3, {"Failed: 503": 3})
    assert both.per_second == pytest.approx(400 / 3)
    assert both.cpu["orders"] == pytest.approx(1.2)


def test_what_the_database_counted_adds_up_over_rounds():
    both = merged([figures(counted=Counters(10, 1000, 5)), figures(counted=Counters(2, 200, 1))])

    assert both.counted == Counters(12, 1200, 6)
    assert both.to_json()["wal_bytes"] == 6.0


def test_a_ratio_is_the_median_of_the_turns():
    ours = [figures(200), figures(10), figures(220)]
    theirs = [figures(100), figures(100), figures(100)]

    assert ratio(ours, theirs) == 2.0


def test_the_ratio_of_processor_time_is_theirs_over_ours():
    assert cpu_ratio([figures(100, cpu=0.5)], [figures(100, cpu=2.0)]) == 4.0


@pytest.mark.parametrize(
    ("comparison", "met"),
    [
        (Comparison("rate", 1.1, at_least=1.0), True),
        (Comparison("rate", 0.9, at_least=1.0), False),
        (Comparison("cost", 0.9, at_most=1.0), True),
        (Comparison("cost", 1.1, at_most=1.0), False),
        (Comparison("told", 1.1), None),
    ],
)
def test_an_aim_is_met_from_the_right_side(comparison, met):
    assert comparison.met is met


def test_failed_requests_are_counted_over_the_whole_run(capsys):
    report = Report()

    report.add("operations", "embedded", "contact", 4, figures(failures=2))
    report.add("operations", "embedded", "tracking", 4, figures(failures=1))

    assert report.failures == 3
    assert "2 × Failed: 503" in capsys.readouterr().out


def test_the_chart_is_well_formed_and_names_what_it_shows(capsys):
    report = Report()
    report.add("operations", "a < b & c", "contact", 4, figures())
    report.compare("contact: × theirs", 2.0, at_least=1.5)

    drawing = chart(report.rows, report.comparisons)

    texts = [each.text for each in ElementTree.fromstring(drawing).iter() if each.tag.endswith("text")]  # noqa: S314
    assert "a < b & c: contact, 4 clients" in texts
    assert "contact: × theirs ≥ 1.5" in texts


def test_a_chart_of_nothing_is_still_a_chart():
    ElementTree.fromstring(chart([], []))  # noqa: S314 (our own)

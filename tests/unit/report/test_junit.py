"""JUnit XML: what build servers read."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from hedgecheck import invariants
from hedgecheck.report import ExplorerResult, Goal
from hedgecheck.report.junit import to_junit
from tests.unit.report import build


def suite_of(report) -> ElementTree.Element:
    suite = ElementTree.fromstring(to_junit(report).encode()).find("testsuite")
    assert suite is not None
    return suite


def cases_of(report, kind: str) -> dict[str, ElementTree.Element]:
    cases = suite_of(report).findall("testcase")
    return {case.attrib["name"]: case for case in cases if case.attrib["classname"] == f"hedgecheck.{kind}"}


def skipped_because(case: ElementTree.Element) -> str:
    skipped = case.find("skipped")
    assert skipped is not None
    return skipped.attrib["message"]


def test_one_case_per_invariant_and_those_that_hold_pass():
    cases = cases_of(build.report(), "invariants")

    assert list(cases) == [f"{rule.id} {rule.name}" for rule in invariants.ALL]
    assert not list(cases["I01 position_converges"])


def test_a_broken_invariant_fails_with_why_diagram_and_replay():
    failure = cases_of(build.report(), "invariants")["I05 one_intent_one_exposure"].find("failure")

    assert failure is not None
    assert failure.attrib["message"] == build.WHY
    assert "create_order E2: buy 10 AAA" in (failure.text or "")
    assert "hedgecheck replay hc1-7Qk2mZ4T bots.pair:make" in (failure.text or "")


def test_an_invariant_without_anything_to_check_is_skipped_with_the_reason():
    case = cases_of(build.report(), "invariants")["I15 live"]

    assert skipped_because(case) == "unknown: no execution gave it anything to check"
    assert case.find("failure") is None


def test_an_explorer_that_broke_a_rule_fails_and_one_that_was_cut_off_is_skipped():
    cases = cases_of(build.report(), "explorers")

    failure = cases["fuzz"].find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "broke I05"
    assert not list(cases["hypothesis"])
    assert skipped_because(cases["exhaustive"]).startswith("truncated")
    assert cases["exhaustive"].attrib["time"] == "30.250"


def test_an_explorer_that_ran_nothing_is_skipped():
    idle = ExplorerResult("fuzz", build.Campaign(), 0.0, "")

    cases = cases_of(build.report(explorers=(idle,), counterexamples=()), "explorers")

    assert skipped_because(cases["fuzz"]).startswith("unknown")


def test_a_goal_that_was_never_reached_is_skipped():
    cases = cases_of(build.report(), "sometimes")

    assert skipped_because(cases["S02 fill_after_cancel_was_sent"]) == "never reached"
    assert not list(cases["S01 one_leg_filled_other_rejected"])


def test_counts_are_those_of_the_cases():
    suite = suite_of(build.report())

    assert {key: suite.attrib[key] for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": str(len(invariants.ALL) + 3 + 3),
        "failures": "2",
        "errors": "0",
        "skipped": "3",
    }


def test_properties_name_seed_target_replay_and_verdict():
    report = build.report()

    rows = suite_of(report).findall("properties/property")

    assert {row.attrib["name"]: row.attrib["value"] for row in rows} == {
        "seed": "20240607",
        "target": "bots.pair:make",
        "replay": report.replay,
        "verdict": "broken",
    }


@pytest.mark.parametrize("hostile", ["\x00", "\x1b[31m", "\ud800", "\ufffe", "]]>", "<&\"'>"])
def test_text_that_xml_forbids_leaves_the_document_readable(hostile: str):
    text = f"before{hostile}after"
    found = build.counterexample(why=text, diagram=text, replay=text)
    report = build.report(target=text, replay=text, counterexamples=(found,), goals=(Goal(text, text, 0),))

    suite = suite_of(replace(report, explorers=(ExplorerResult(text, build.campaign(), 1.0, text),)))

    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.attrib["message"].startswith("before")
    assert failure.attrib["message"].endswith("after")


def test_an_empty_report_is_a_document_with_every_rule_unknown():
    assert suite_of(build.empty_report()).attrib["skipped"] == str(len(invariants.ALL))

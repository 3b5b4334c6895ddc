"""The report as JUnit XML, for the build servers that read nothing else.

One test case per rule, per explorer and per goal. JUnit knows no "unknown": that is a skipped case, with the
reason, so that a build server neither hides it nor calls it passed.
"""

from typing import Any
from xml.etree import ElementTree

from hedgecheck.report.page.markup import legible
from hedgecheck.report.verdict import Counterexample, ExplorerResult, Goal, Report


def to_junit(report: Report) -> str:
    """The report as one XML document with a single test suite; times in seconds."""
    explorers = report.to_json()["explorers"]
    cases = [
        *(_rule(row, report) for row in report.invariant_rows()),
        *(_explorer(each, row["verdict"]) for each, row in zip(report.explorers, explorers, strict=True)),
        *(_goal(each) for each in report.goals),
    ]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": "0",
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
        "time": f"{sum(each.seconds for each in report.explorers):.3f}",
    }
    suites = ElementTree.Element("testsuites", {"name": "hedgecheck", **counts})
    suite = _add(suites, "testsuite", name=report.target, **counts)
    properties = _add(suite, "properties")
    told = {"seed": report.seed, "target": report.target, "replay": report.replay, "verdict": report.verdict}
    for name, value in told.items():
        _add(properties, "property", name=name, value=str(value))
    suite.extend(cases)
    ElementTree.indent(suites)
    body = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _rule(row: dict[str, Any], report: Report) -> ElementTree.Element:
    case = _case("invariants", f"{row['id']} {row['name']}")
    if row["verdict"] == "broken":
        found = [_story(each) for each in report.counterexamples if each.invariant == row["id"]]
        _add(case, "failure", "\n\n".join(found), message=row["why"], type=row["name"])
    elif row["verdict"] != "holds":
        _add(case, "skipped", message=f"{row['verdict']}: {row['why']}")
    return case


def _story(each: Counterexample) -> str:
    """What happened, and how to see it again."""
    return f"{each.why}\n{each.diagram}\nreplay:  {each.replay}\ntoken:   {each.token}"


def _explorer(each: ExplorerResult, verdict: str) -> ElementTree.Element:
    case = _case("explorers", each.name, seconds=each.seconds)
    if verdict == "broken":
        broken = sorted({found.failure.invariant for found in each.campaign.found})
        _add(case, "failure", message=f"broke {', '.join(broken)}", type="broken")
    elif each.truncated:
        _add(case, "skipped", message="truncated: a bound ended it before it had seen all of its scope")
    elif verdict != "holds":
        _add(case, "skipped", message=f"{verdict}: it did not take a single step")
    return case


def _goal(each: Goal) -> ElementTree.Element:
    case = _case("sometimes", f"{each.id} {each.name}")
    if not each.reached:
        _add(case, "skipped", message="never reached")
    return case


def _case(kind: str, name: str, *, seconds: float = 0.0) -> ElementTree.Element:
    case = ElementTree.Element("testcase")
    case.attrib = {"classname": f"hedgecheck.{kind}", "name": legible(name), "time": f"{seconds:.3f}"}
    return case


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    """A child whose texts hold no character that XML forbids."""
    child = ElementTree.SubElement(parent, tag, {key: legible(value) for key, value in attributes.items()})
    child.text = legible(text) or None
    return child

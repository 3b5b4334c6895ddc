"""The page, as a parser sees it: well formed, safe, complete in itself, and true to the report."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from hedgecheck.report import Transition
from hedgecheck.report.page import PANELS, to_html
from hedgecheck.report.page.layout import Box, arranged
from hedgecheck.report.page.markup import element, escaped, joined
from hedgecheck.report.page.steps import Saying, saying
from tests.unit.report import build

VOID = ("meta", "input", "br", "!doctype")
IDS = ["verdict", "counterexamples", "rules", "explorers", "scopes", "faults", "goals", "calls", "lifecycle"]
HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>\"' onmouseover=\"alert(2)\x00"


class Tree(HTMLParser):
    """Reads a page strictly: every tag closed by its own, ids used once."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.rows: list[list[str]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == [], "Invariant: every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), f"{tag} has an attribute twice"
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"] or "")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another tag"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            return
        self.text.append(data)
        if "tr" in self.open and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    def row(self, first: str) -> list[str]:
        """The cells of the one row that begins so."""
        (found,) = [row for row in self.rows if row and row[0].startswith(first)]
        return found

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


REPORTS = {"broken": build.report, "good": build.good_report, "empty": build.empty_report}


@pytest.mark.parametrize("kind", REPORTS)
def test_page_is_well_formed_and_its_ids_are_unique(kind: str):
    tree = Tree(to_html(REPORTS[kind]()))

    assert len(tree.ids) == len(set(tree.ids))


@pytest.mark.parametrize("kind", REPORTS)
def test_page_refers_to_nothing_outside_itself(kind: str):
    page = to_html(REPORTS[kind]())

    tree = Tree(page)

    assert not re.findall(r"https?://|@import|url\(", page)
    assert not [tag for tag, attributes in tree.tags if "src" in attributes or tag in ("link", "iframe")]
    links = [attributes["href"] or "" for tag, attributes in tree.tags if tag == "a"]
    assert all(link[1:] in tree.ids for link in links)


def test_every_panel_is_there_and_in_order():
    tree = Tree(to_html(build.report()))

    sections = [attributes["id"] for tag, attributes in tree.tags if tag == "section"]

    assert sections == IDS == [panel.id for panel in PANELS]


def test_panels_without_content_are_left_out():
    tree = Tree(to_html(build.empty_report()))

    sections = [attributes["id"] for tag, attributes in tree.tags if tag == "section"]

    assert sections == [each for each in IDS if each not in ("scopes", "goals", "lifecycle")]
    assert "None was found." in tree.words


def test_hostile_text_is_text_wherever_it_comes_from():
    hostile_frame = build.Frame(0, (HOSTILE, f"engine -> {HOSTILE}"), (HOSTILE,), ((HOSTILE, HOSTILE),))
    found = build.counterexample(
        why=HOSTILE, diagram=HOSTILE, token=HOSTILE, replay=HOSTILE, pytest=HOSTILE, frames=(hostile_frame,)
    )
    campaign = build.campaign()
    campaign.calls[HOSTILE] = build.Call(1, 1, 1, 1)
    page = to_html(
        build.Report(
            target=HOSTILE,
            seed=1,
            replay=HOSTILE,
            explorers=(build.ExplorerResult(HOSTILE, campaign, 1.0, HOSTILE),),
            counterexamples=(found,),
            notes=(HOSTILE,),
            goals=(build.Goal(HOSTILE, HOSTILE, 0),),
            lifecycle=(Transition(HOSTILE, "b", 1),),
        )
    )

    tree = Tree(page)

    assert [tag for tag, _ in tree.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in tree.tags]
    assert not [name for _, attributes in tree.tags for name in attributes if name.startswith("on")]
    assert "\x00" not in page
    assert tree.words.count("<script>alert('x')</script>") > 10


def test_page_allows_no_script_but_its_own():
    page = to_html(build.report())

    policy = next(a["content"] for tag, a in Tree(page).tags if tag == "meta" and "http-equiv" in a)

    assert policy is not None
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[\w+/=]+'", policy)


@pytest.mark.parametrize(("kind", "verdict"), [("broken", "broken"), ("good", "holds"), ("empty", "unknown")])
def test_verdict_comes_first_in_a_word_and_a_shape(kind: str, verdict: str):
    page = to_html(REPORTS[kind]())

    hero = page.index(f'<div class="hero {verdict}"><svg')
    assert page.index("<main>") < hero < page.index('id="counterexamples"')
    assert f'<p class="word">{verdict}</p>' in page


def test_a_verdict_that_holds_says_that_it_is_no_proof():
    assert "That is not a proof" in Tree(to_html(build.good_report())).words


def test_what_was_not_shown_is_told():
    words = Tree(to_html(build.report())).words

    assert "I15 live: no execution gave it anything to check" in words
    assert "exhaustive: a bound ended it before it had seen all of its scope" in words
    assert "fill after cancel was sent: never reached" in words
    idle = build.report().fault_rows()[-1]["name"].replace("_", " ")
    assert f"faults that never struck: {idle}" in words
    assert "note: no real prices were found" in words


def test_nothing_is_said_to_be_missing_where_nothing_is():
    words = Tree(to_html(build.good_report())).words

    assert "Nothing that it set out to show. It still tried only 4,800 executions" in words


def test_rules_are_counted_by_explorer_and_together():
    row = Tree(to_html(build.report())).row("I05")

    nonvacuous = [each.campaign.tally.nonvacuous["I05"] for each in build.report().explorers]
    assert row[1] == "broken"
    assert row[2:] == [f"{count:,}" for count in (*nonvacuous, sum(nonvacuous))]


def test_a_truncated_explorer_is_not_said_to_hold():
    tree = Tree(to_html(build.report()))

    row = tree.row("exhaustive")

    assert row[1:8] == ["unknown", "2,400", "91,356", "81,234", "204,567", "31", "30.2"]
    assert row[8].startswith("truncated")
    assert tree.row("hypothesis")[1:8] == ["holds", "1,200", "45,678", "–", "–", "–", "8.5"]


def test_faults_and_goals_tell_how_often_and_what_never():
    tree = Tree(to_html(build.report()))

    fault, idle = build.report().fault_rows()[0], build.report().fault_rows()[-1]
    assert tree.row(fault["id"])[1] == f"{fault['spent']:,}"
    assert tree.row(idle["id"])[1:] == ["0", "never struck"]
    assert tree.row("fill after cancel")[1:] == ["0", "never reached"]
    assert tree.row("two trades in flight")[1:] == ["1,044", "reached"]


def test_goals_that_were_missed_come_first():
    page = to_html(build.report())

    goals = page[page.index('id="goals"') :]

    assert goals.index("fill after cancel was sent") < goals.index("one leg filled other rejected")


def test_actions_are_counted_and_those_that_got_nowhere_are_remarked():
    tree = Tree(to_html(build.report()))

    assert tree.row("Deliver")[1:] == ["56,400", "55,800", "54,600", "1,200", ""]
    assert tree.row("Misanswer")[-1] == "never tried"
    assert tree.row("LoseReply")[-1] == "never accepted"


def test_counterexample_tells_its_size_and_how_to_see_it_again():
    words = Tree(to_html(build.report())).words

    assert "6 actions, shrunk from 81. 8 steps. Found in execution 37." in words
    assert "hedgecheck replay hc1-7Qk2mZ4T bots.pair:make" in words
    assert 'assert replayed("hc1-7Qk2mZ4T")' in words


def test_every_frame_is_a_step_and_the_last_breaks_the_rule():
    tree = Tree(to_html(build.report()))

    steps = [attributes for tag, attributes in tree.tags if tag == "li" and "data-step" in attributes]

    assert [step["data-step"] for step in steps] == [str(number) for number in range(1, 9)]
    assert [step["data-step"] for step in steps if "breaks" in (step["class"] or "")] == ["8"]
    assert [step["data-step"] for step in steps if "faulted" in (step["class"] or "")] == ["4", "7"]
    assert [step["data-step"] for step in steps if "drains" in (step["class"] or "")] == ["7", "8"]
    assert steps[3]["data-time"] == "0.100 s"


def test_a_fact_that_a_step_changed_tells_what_it_was():
    page = to_html(build.report())

    third = page[page.index("After step 3") : page.index("After step 4")]

    assert '<tr class="changed"><th scope="row">AAA filled</th><td>10<small>was 0</small></td></tr>' in third
    assert 'class="changed"' not in page[page.index("After step 4") : page.index("After step 5")]


def test_a_counterexample_without_frames_shows_its_diagram():
    page = to_html(build.report(counterexamples=(build.counterexample(frames=()),)))

    assert "<details open><summary>The sequence diagram as text" in page
    assert 'class="stepper"' not in page


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("   engine -> venue create_order", Saying("engine", "->", "venue", "create_order")),
        ("strategy <- engine       p1 returns", Saying("strategy", "<-", "engine", "p1 returns")),
        ("   engine x- venue no answer", Saying("engine", "x-", "venue", "no answer")),
        ("       venue E1 filled", Saying("venue", "", "", "E1 filled")),
        ("  anything else -> here", Saying("", "", "", "anything else -> here")),
    ],
)
def test_lines_are_taken_apart_where_they_can_be(line: str, parts: Saying):
    assert saying(line) == parts


# ---- the diagram of states -------------------------------------------------------------------------


def test_every_transition_is_drawn_with_its_count():
    page = to_html(build.report())

    svg = page[page.index('class="lifecycle"') : page.index("The same as a table")]

    for each in build.lifecycle():
        assert f">{each.count:,}</text>" in svg
    assert svg.count('class="edge untaken"') == 1


def test_thickness_grows_with_the_count():
    page = to_html(build.report(lifecycle=(Transition("a", "b", 10), Transition("b", "c", 10_000))))

    thin, thick = (float(width) for width in re.findall(r'stroke-width="([\d.]+)"', page))

    assert thin < thick
    assert thick < 8


def test_no_count_lies_on_another_or_on_a_state():
    drawing = arranged(build.lifecycle())

    boxes = [box for _, box in drawing.nodes] + [edge.label for edge in drawing.edges]

    clashes = [(one, two) for index, one in enumerate(boxes) for two in boxes[:index] if one.overlaps(two)]
    assert len(drawing.edges) == len(build.lifecycle())
    assert clashes == []


def test_states_stand_by_their_longest_way_from_the_first():
    ways = (
        Transition("a", "b", 1),
        Transition("b", "c", 1),
        Transition("a", "c", 1),
        Transition("c", "a", 1),
    )

    places = dict(arranged(ways).nodes)

    assert places["a"].x < places["b"].x < places["c"].x


def test_everything_is_inside_the_drawing():
    drawing = arranged(build.lifecycle())

    points = [point for edge in drawing.edges for point in edge.points]
    points += [
        (edge.label.x + side * edge.label.width / 2, edge.label.y)
        for edge in drawing.edges
        for side in (-1, 1)
    ]

    assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in points)


def test_edges_pass_no_state_that_is_not_their_own():
    drawing = arranged(build.lifecycle())

    for edge in drawing.edges:
        own = (edge.transition.source, edge.transition.target)
        others = [box for name, box in drawing.nodes if name not in own]
        assert not [box for box in others for point in along(edge.points) if box.holds(point)]


def along(points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """Points on cubic curves, four to a curve, by halving them five times."""
    found = []
    for start in range(0, len(points), 4):
        curves = [points[start : start + 4]]
        for _ in range(5):
            curves = [half for curve in curves for half in halves(curve)]
        found += [curve[0] for curve in curves]
    return found


def halves(curve: tuple[tuple[float, float], ...]) -> tuple[tuple[tuple[float, float], ...], ...]:
    """De Casteljau's construction at the middle."""
    rows = [list(curve)]
    while len(rows[-1]) > 1:
        rows.append([((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in pairwise(rows[-1])])
    return tuple(row[0] for row in rows), tuple(row[-1] for row in reversed(rows))


@pytest.mark.parametrize(
    "ways",
    [
        (("a", "a", 0),),
        (("a", "b", 1), ("b", "a", 2)),
        (("a", "b", 1), ("a", "b", 2)),
        (("a", "b", 1), ("c", "d", 2)),
        tuple((f"s{n}", f"s{n + 1}", n) for n in range(40)),
    ],
)
def test_odd_graphs_are_drawn(ways):
    drawing = arranged(tuple(Transition(*way) for way in ways))

    assert len(drawing.nodes) == len({name for way in ways for name in way[:2]})
    assert Tree(to_html(build.report(lifecycle=tuple(Transition(*way) for way in ways))))


def test_boxes_that_only_touch_do_not_overlap():
    assert not Box(0, 0, 10, 10).overlaps(Box(10, 0, 10, 10))
    assert Box(0, 0, 10, 10).overlaps(Box(9, 9, 10, 10))


# ---- markup ----------------------------------------------------------------------------------------


def test_text_is_escaped_once_and_markup_never():
    inner = element("b", "a < b")

    assert inner == "<b>a &lt; b</b>"
    assert element("p", inner, title='"') == '<p title="&quot;"><b>a &lt; b</b></p>'
    assert escaped(inner) is inner
    assert joined(None, 1234, "&") == "1,234&amp;"


def test_attributes_that_are_not_there_are_left_out():
    assert element("input", hidden=True, open=False, class_=None, aria_label="x") == (
        '<input hidden aria-label="x">'
    )

"""A case that was found, made small, and all with which somebody else sees it again."""

from hedgecheck.explore import scopes
from hedgecheck.explore.fuzz import Found
from hedgecheck.explore.replay import replay
from hedgecheck.explore.shrink import shrink
from hedgecheck.messages import Spent
from hedgecheck.report import Counterexample, Frame
from hedgecheck.tape import token_of
from hedgecheck.targets import engine_of
from hedgecheck.trace import Entry, diagram, line
from hedgecheck.world import universe_of

COUNTEREXAMPLES_MAX = 3


def counterexamples(target: str, found: list[Found]) -> tuple[Counterexample, ...]:
    """The smallest case of each broken rule, at most ``COUNTEREXAMPLES_MAX`` of them."""
    first = {each.failure.invariant: each for each in reversed(found)}
    chosen = [first[rule] for rule in sorted(first)][:COUNTEREXAMPLES_MAX]
    return tuple(_counterexample(target, each) for each in chosen)


def _counterexample(target: str, found: Found) -> Counterexample:
    engine = engine_of(target)
    shrunk = shrink(engine, found.tape, found.failure)
    ran = replay(universe_of(scopes.draw(shrunk.tape.scope), engine), shrunk.tape)
    token = token_of(shrunk.tape, found.origin)
    return Counterexample(
        invariant=shrunk.failure.invariant,
        why=shrunk.failure.why,
        token=token,
        steps=len(ran.entries),
        diagram=diagram(ran.entries, shrunk.failure.why),
        pytest=pytest_file(target, token, shrunk.failure.name),
        replay=f"hedgecheck replay {token} {target}",
        found_after=found.origin.number + 1,
        actions_found=len(found.tape.actions),
        actions_shrunk=len(shrunk.tape.actions),
        frames=tuple(frame(each) for each in ran.entries),
    )


def frame(entry: Entry) -> Frame:
    """One step of a trace, for the page."""
    struck = tuple(f"{each.fault} {each.what}" for each in entry.records if isinstance(each, Spent))
    said = tuple(text for each in entry.records if (text := line(each)))
    return Frame(entry.time_ns, said, struck, entry.facts, entry.drained)


def pytest_file(target: str, token: str, rule: str) -> str:
    """A test that fails until the defect is mended."""
    return (
        '"""A counterexample that hedgecheck found. It passes once the engine is mended."""\n\n'
        "from hedgecheck.runner import replayed\n\n\n"
        f"def test_{rule}() -> None:\n"
        f'    assert replayed("{token}", "{target}").failure is None\n'
    )

"""From a way through classes to a tape: what really happens in the lanes, action by action."""

from collections.abc import Sequence

from hedgecheck.explore.tables.alone import WRONG, Tabulator
from hedgecheck.explore.tables.classes import Classes
from hedgecheck.explore.tables.reference import Move, Reference, State
from hedgecheck.explore.tables.renaming import Renaming
from hedgecheck.tape import Action, InLane
from hedgecheck.world.lanes import SHARED_ACTIONS


def tape_of(
    way: Sequence[State],
    reference: Reference,
    lumped: Sequence[Classes],
    whole: Sequence[Classes],
    tabulator: Tabulator,
    twins: Sequence[Renaming],
) -> tuple[Action, ...]:
    """The actions that lead through the classes of ``way``, and break a rule at its end. ``reference``: the
    product of the states themselves, by ``whole``; ``lumped``: by which ``way`` goes."""
    here, actions = reference.start, []
    for target in way[1:]:
        move = next(each for each in reference.moves(here) if _lumped(each.after, whole, lumped) == target)
        actions.append(_action_of(move, tabulator, twins))
        here = move.after
    if not reference.is_wrong_at_rest(here):
        last = next((each for each in reference.moves(here) if each.broken or each.flags & WRONG), None)
        if last is not None:
            actions.append(_action_of(last, tabulator, twins))
    return tuple(actions)


def way_of(
    edges: Sequence[int], tabulator: Tabulator, lane: int = 0, twin: Renaming | None = None
) -> tuple[Action, ...]:
    """The actions of these edges of the table, taken by the trade of one lane, with nothing between them.
    ``twin`` turns the first lane into that one."""
    actions = [_alone(edge, tabulator) for edge in edges]
    if twin is not None:
        actions = [twin(each) for each in actions]
    return tuple([each if isinstance(each, SHARED_ACTIONS) else InLane(lane, each) for each in actions])


def _alone(edge: int, tabulator: Tabulator) -> Action:
    table = tabulator.table
    world, _ = tabulator.node(table.sources[edge])
    return tabulator.universe.enabled(world)[table.choices[edge]]


def _lumped(state: State, whole: Sequence[Classes], lumped: Sequence[Classes]) -> State:
    """The multiset of classes that a state of all lanes is in."""
    examples, of = whole[state[2]].examples, lumped[state[2]].of
    return (*state[:3], *sorted(int(of[examples[each]]) for each in state[3:]))


def _action_of(move: Move, tabulator: Tabulator, twins: Sequence[Renaming]) -> Action:
    if move.over is not None:
        return move.over.action
    action: Action = twins[move.lane](_alone(move.edge, tabulator))
    return InLane(move.lane, action)

"""Components put together: bundled or a user's own, of numbers or of names, anew for each run."""

import pickle

import pytest

from hedgecheck import UsageError
from hedgecheck.stress.components.adapters import Adapter
from hedgecheck.stress.components.factory import BUNDLED, components_from, create_components
from hedgecheck.stress.components.protocols import Policy, Stop
from tests.unit.stress.component_bars import POLICY, Desk, account, bar, walk

HERE = "tests.unit.stress.test_components_factory"


class Counting:
    """A governor that remembers."""

    def __init__(self, symbols=(), stop_at=3):
        self.symbols, self.stop_at, self.bars = symbols, stop_at, 0

    def judge(self, view, account, policy):
        self.bars += 1
        return Stop("mine", "enough") if self.bars >= self.stop_at else None


def never(view, account, policy):
    return None


SHARED = Counting()


def stopped(components):
    return Desk(components).run(walk(10)).bars


@pytest.mark.covers("SE-14", "SE-15")
def test_left_out_is_bundled_and_every_one_is_in_its_adapter():
    components = create_components(safety_governor=never)
    for name, kind in BUNDLED.items():
        adapter = getattr(components, name)
        assert isinstance(adapter, Adapter)
        assert adapter.name == name
        assert adapter.component is never if name == "safety_governor" else type(adapter.component) is kind


def test_component_that_there_is_not_is_refused():
    with pytest.raises(TypeError, match="guard"):
        create_components(guard=never)
    with pytest.raises(
        UsageError, match=r"There is no component guard\. There are runtime_engine, orchestrator"
    ):
        components_from({"guard": never})


@pytest.mark.covers("SE-14")
@pytest.mark.parametrize(
    "given",
    [
        f"{HERE}:Counting",
        f"{HERE}:SHARED",
        Counting,
        Counting(),
        {"component": f"{HERE}:Counting"},
        {"component": Counting, "stop_at": 3},
    ],
)
def test_no_state_leaks_from_one_run_to_the_next(given):
    factory = components_from({"safety_governor": given})
    first, second = factory(("A",)), factory(("A",))

    assert (stopped(first), stopped(second)) == (3, 3)
    assert stopped(pickle.loads(pickle.dumps(factory))(("A",))) == 3


def test_bundled_components_are_fresh_too():
    factory = components_from({})
    runs = [Desk(factory(("A",))).run(walk(300, volatility=0.03)) for _ in range(2)]
    assert runs[0].orders == runs[1].orders
    assert runs[0].orders


def test_class_is_given_its_numbers_and_the_symbols_where_it_asks():
    factory = components_from({"safety_governor": {"component": Counting, "stop_at": 7}})
    assert factory(("A", "B")).safety_governor.component.symbols == ("A", "B")
    assert stopped(factory(("A",))) == 7


@pytest.mark.covers("SE-14")
def test_numbers_are_those_of_the_bundled_component():
    strict = components_from({"safety_governor": {"drawdown": 0.01}, "policy_store": {"risk": 0.25}})(("A",))

    assert strict.safety_governor.judge(bar(), account(98_900.0), POLICY).kind == "drawdown"
    assert strict.policy_store.load() == Policy(risk=0.25)


def test_policy_in_a_file_begins_a_run_and_is_never_written(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text('{"risk": 0.25}')
    store = components_from({"policy_store": {"path": str(path)}})(("A",)).policy_store
    store.save(Policy(risk=0.5))

    assert store.load() == Policy(risk=0.5)
    assert path.read_text() == '{"risk": 0.25}'


def test_function_is_the_component_itself():
    assert stopped(components_from({"safety_governor": f"{HERE}:never"})(("A",))) == 10


class Uncopied(Counting):
    def __deepcopy__(self, memo):
        raise TypeError("a socket is open")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"msc": "nowhere"}, "msc is 'nowhere'. Name it as module:name"),
        ({"msc": "nowhere:Mine"}, "'nowhere:Mine' cannot be loaded: No module named 'nowhere'"),
        ({"msc": f"{HERE}:Mine"}, "cannot be loaded"),
        ({"msc": Counting}, "msc is a Counting without policy"),
        (
            {"safety_governor": {"drawdwn": 0.2}},
            "unexpected keyword argument 'drawdwn'",
        ),
        ({"safety_governor": {"drawdown": -1}}, "drawdown is -1"),
        ({"safety_governor": {"component": never, "drawdown": 1}}, "is no class, so it takes no drawdown"),
        ({"safety_governor": Uncopied()}, "cannot be copied for each run: a socket is open. Give its class"),
        ({"policy_store": {"risk": -1}}, "risk is -1"),
        ({"policy_store": {"path": "x", "risk": 1}}, "Give one or the other"),
        ({"policy_store": {"path": "no/such/file"}}, "cannot be read"),
    ],
)
def test_what_cannot_be_made_is_refused_before_any_run(config, said):
    with pytest.raises(UsageError) as error:
        components_from(config)
    assert said in str(error.value)


def test_none_is_bundled():
    assert type(components_from({"msc": None})(()).msc.component) is BUNDLED["msc"]

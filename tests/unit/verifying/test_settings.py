"""What a run asks: which source goes before which, and one clear word for what makes no sense."""

import pytest

from hedgecheck.errors import UsageError
from hedgecheck.verifying.settings import Asked, read, table_of

TABLE = {"executions": 40, "max_faults": 4, "seed": 44, "profile": "nightly", "budget_seconds": 4}
ENVIRONMENT = {
    "HEDGECHECK_EXECUTIONS": "30",
    "HEDGECHECK_MAX_FAULTS": "3",
    "HEDGECHECK_SEED": "33",
    "HEDGECHECK_PROFILE": "dev",
    "HEDGECHECK_BUDGET_SECONDS": "3.5",
}
OPTIONS = {"executions": "20", "seed": "22", "profile": "ci"}


def of(asked):
    return asked.executions, asked.max_faults, asked.seed, asked.profile, asked.budget_seconds


def test_table_stands_where_nothing_else_is_said():
    assert of(read({}, {}, "", TABLE)) == (40, 4, 44, "nightly", 4)


def test_environment_goes_before_the_table():
    assert of(read({}, ENVIRONMENT, "", TABLE)) == (30, 3, 33, "dev", 3.5)


def test_option_goes_before_the_environment():
    assert of(read(OPTIONS, ENVIRONMENT, "", TABLE)) == (20, 3, 22, "ci", 3.5)


def test_what_nobody_says_is_left_to_the_decorator():
    assert read({"executions": None}, {"HEDGECHECK_SEED": ""}, "", {}) == Asked()


def test_zero_is_said_and_nothing_is_not():
    assert of(read({"seed": "0"}, {"HEDGECHECK_MAX_FAULTS": "0"}, "", TABLE))[1:3] == (0, 0)


@pytest.mark.parametrize(
    ("options", "environment", "profile"),
    [({}, {}, "mutation"), ({}, {"HEDGECHECK_PROFILE": "dev"}, "dev"), ({"profile": "ci"}, {}, "ci")],
)
def test_profile_of_pytests_settings_goes_before_the_table_alone(options, environment, profile):
    assert read(options, environment, "mutation", TABLE).profile == profile


def test_replay_is_said_by_option_or_environment():
    environment = {"HEDGECHECK_REPLAY": "hc1-b"}

    assert read({"replay": "hc1-a"}, environment).replay == "hc1-a"
    assert read({}, environment).replay == "hc1-b"


def test_exhaustion_is_all_or_a_number_and_said_again_by_the_line_that_repeats():
    assert read({}, {}, "", {"exhaustive": "all"}).exhaustive == "all"
    assert read({}, {"HEDGECHECK_EXHAUSTIVE": "0"}, "", {"exhaustive": "all"}).exhaustive == 0
    asked = read({"exhaustive": "2"}, {"HEDGECHECK_EXHAUSTIVE": "0"})
    assert asked.exhaustive == 2
    assert asked.search_command("pytest", 7) == "pytest --hedgecheck-exhaustive 2 --hedgecheck-seed 7"


# ---- what makes no sense -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("executions", each) for each in (0, -1, True, 1.5, "500", [500])),
        *(("max_faults", each) for each in (-1, False, "2")),
        *(("seed", each) for each in (1.0, "7", True)),
        *(("profile", each) for each in ("CI", "", 1, ["ci"])),
        *(("budget_seconds", each) for each in (0, -1, True, "60", float("nan"))),
        *(("exhaustive", each) for each in (-1, True, "1", "every", 0.5)),
    ],
)
def test_wrong_value_in_the_table_says_where_it_is_and_what_it_must_be(name, value):
    with pytest.raises(UsageError) as caught:
        read(OPTIONS, ENVIRONMENT, "", {name: value})  # though others go before it

    said = str(caught.value)
    assert f"{name} = {value!r} in [tool.hedgecheck] of pyproject.toml: it must be " in said
    assert ", such as " in said


def test_unknown_key_of_the_table_says_what_may_be_meant_and_what_there_is():
    with pytest.raises(UsageError) as caught:
        read({}, {}, "", {"executions": 5, "max-faults": 2})

    assert "has no setting 'max-faults'. Is max_faults meant?" in str(caught.value)
    assert "executions, max_faults, seed, profile, budget_seconds and exhaustive" in str(caught.value)


def test_what_is_no_table_is_refused():
    with pytest.raises(UsageError, match=r"no table. Write \[tool.hedgecheck\]"):
        read({}, {}, "", 5)


@pytest.mark.parametrize("text", ["many", "0", "1.5", "-3"])
def test_wrong_text_names_the_option_or_the_variable(text):
    wrong = f"={text}: it must be a whole number from 1 up, such as 500"
    with pytest.raises(UsageError, match=f"^--hedgecheck-executions{wrong}"):
        read({"executions": text}, {})
    with pytest.raises(UsageError, match=f"^HEDGECHECK_EXECUTIONS{wrong}"):
        read({}, {"HEDGECHECK_EXECUTIONS": text})


def test_step_without_a_replay_is_refused():
    with pytest.raises(UsageError, match="--hedgecheck-replay TOKEN --hedgecheck-step N"):
        read({"step": "3"}, {})

    assert read({"step": "3", "replay": "hc1-a"}, {}).step == 3


# ---- the file ----------------------------------------------------------------------------------------------


def test_table_is_read_from_the_file(tmp_path):
    file = tmp_path / "pyproject.toml"

    assert table_of(file) is None
    file.write_text("[project]\nname = 'x'\n")
    assert table_of(file) is None
    file.write_text("[tool.hedgecheck]\nseed = 5\n")
    assert table_of(file) == {"seed": 5}


def test_file_that_is_no_toml_is_our_affair_only_where_it_speaks_of_us(tmp_path):
    file = tmp_path / "pyproject.toml"
    file.write_text("[tool.other\n")
    assert table_of(file) is None

    file.write_text("[tool.hedgecheck\n")
    with pytest.raises(UsageError, match="cannot be read"):
        table_of(file)


# ---- the lines that repeat a run ---------------------------------------------------------------------------


def test_line_says_again_what_was_said_for_this_run_alone():
    asked = read(OPTIONS, ENVIRONMENT, "", TABLE)

    assert asked.replay_command("pytest t", "hc1-a") == (
        "HEDGECHECK_MAX_FAULTS=3 pytest t --hedgecheck-replay hc1-a"
    )
    assert asked.search_command("pytest t", 7) == (
        "HEDGECHECK_MAX_FAULTS=3 pytest t "
        "--hedgecheck-executions 20 --hedgecheck-profile ci --hedgecheck-seed 7"
    )


def test_line_leaves_out_what_stands_in_the_table():
    asked = read({}, {}, "ci", TABLE)

    assert asked.replay_command("pytest t", "hc1-a") == "pytest t --hedgecheck-replay hc1-a"
    assert asked.search_command("pytest t", 7) == "pytest t --hedgecheck-seed 7"

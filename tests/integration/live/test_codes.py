"""Codes of breakers: whoever has the file may reset, each trip by a code of its own."""

import asyncio
from pathlib import Path

import pytest

from core.messages import BreakerTripRequested
from core.values import replace
from hedgecheck.errors import UsageError
from hedgecheck.live import codes
from hedgecheck.live.winding_down import tripped_breakers
from tests.integration.live.scene import OPENING, Scene, WaitingLog
from tests.integration.live.test_shell import run


def test_a_breaker_is_reset_trip_after_trip_by_the_file_that_came_with_the_store(tmp_path: Path) -> None:
    file = tmp_path / "codes"
    anchors = codes.made(file, ["manual"])
    log = WaitingLog(replace(OPENING, settings=replace(OPENING.settings, reset_anchors=anchors)))

    async def play(scene: Scene) -> None:
        await scene.shell.start()
        for _ in range(3):
            await scene.shell.tell(BreakerTripRequested())
            assert tripped_breakers(scene.shell.state) == ("manual",)
            assert await codes.reset(scene.shell, "manual", codes.read(file))
            assert tripped_breakers(scene.shell.state) == ()
        with pytest.raises(UsageError, match="is not tripped"):
            await codes.reset(scene.shell, "manual", codes.read(file))

    run(play, lambda: Scene(log))
    assert file.stat().st_mode & 0o077 == 0


def test_the_codes_of_another_store_reset_nothing(tmp_path: Path) -> None:
    anchors = codes.made(tmp_path / "ours", ["manual"])
    codes.made(tmp_path / "theirs", ["manual"])
    log = WaitingLog(replace(OPENING, settings=replace(OPENING.settings, reset_anchors=anchors)))

    async def play(scene: Scene) -> None:
        await scene.shell.start()
        await scene.shell.tell(BreakerTripRequested())
        assert not await codes.reset(scene.shell, "manual", codes.read(tmp_path / "theirs"))
        assert tripped_breakers(scene.shell.state) == ("manual",)
        with pytest.raises(UsageError, match="no code for 'manual'"):
            await codes.reset(scene.shell, "manual", {})

    run(play, lambda: Scene(log))


def test_a_code_that_was_asked_for_too_long_ago_is_followed_by_the_next(tmp_path: Path) -> None:
    anchors = codes.made(tmp_path / "codes", ["manual"])
    log = WaitingLog(replace(OPENING, settings=replace(OPENING.settings, reset_anchors=anchors)))

    async def play(scene: Scene) -> None:
        await scene.shell.start()
        await scene.shell.tell(BreakerTripRequested())
        await asyncio.sleep(0)
        for timer in list(scene.timers.running):
            scene.timers.running.pop(timer)()
        assert await codes.reset(scene.shell, "manual", codes.read(tmp_path / "codes"))
        assert next(each for each in scene.shell.state.breakers if each.name == "manual").link == 2

    run(play, lambda: Scene(log))


def test_a_file_of_codes_is_made_once_and_read_as_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "codes"
    codes.made(file, ["manual"])

    with pytest.raises(UsageError, match=r"cannot be written to .*: File exists"):
        codes.made(file, ["manual"])
    with pytest.raises(UsageError, match=r"is no file of codes: .* --codes"):
        codes.read(tmp_path / "none")
    file.write_text("[]")
    with pytest.raises(UsageError, match="is no file of codes"):
        codes.read(file)
    with pytest.raises(UsageError, match="has 1000 links, and none is left"):
        codes.code_of("secret", 1001)

"""From the words of a command to a test in a file, and what is said of it."""

from pathlib import Path
from shlex import quote

from hedgecheck.beginning.choosing import Choice, choose, command
from hedgecheck.beginning.places import Place, place_of, refuse_taken, shown_path
from hedgecheck.beginning.writing import Written, written
from hedgecheck.errors import UsageError
from hedgecheck.values import frozen


@frozen
class Begun:
    """A test that is ready to be written: ``path`` is its file, ``command`` makes it again, ``notes`` are
    what a person is to do before it runs."""

    path: Path
    text: str
    command: str
    title: str
    notes: tuple[str, ...]

    @property
    def said(self) -> tuple[str, ...]:
        """What the test is, in words."""
        return (self.title, *self.notes)

    def write(self) -> tuple[str, ...]:
        """Writes the file, and says what it is and what comes next. Raises ``UsageError`` where a file is
        there already, or where none can be written."""
        refuse_taken(self.path)
        shown = shown_path(self.path)
        try:
            with self.path.open("x", encoding="utf-8") as file:
                file.write(self.text)
        except OSError as error:
            raise UsageError(f"{shown} cannot be written: {error}. Name another file: --out FILE.") from error
        return (f"wrote {shown}: {self.title}", *self.notes, f"next: pytest {quote(shown)}")


def begin(bot: Path, class_name: str | None, method: str | None, out: Path | None) -> Begun:
    """The first test of the bot in this file or folder. Raises ``UsageError`` where there is no such bot, or
    several."""
    choice = choose(bot, class_name, method)
    place = place_of(choice.bot, out)
    test = written(choice, place)
    again = command(choice) + (f" --out {quote(shown_path(place.path))}" if out is not None else "")
    title = f"{choice.title}, {test.gives}, every fault once"
    return Begun(place.path, test.text, again, title, _notes(choice, place, test))


def _notes(choice: Choice, place: Place, test: Written) -> tuple[str, ...]:
    notes = [f"fill in {name} in {shown_path(place.path)}: {what}" for name, what in test.placeholders]
    if choice.bot.runs_at is not None:
        notes.append(
            f"{shown_path(choice.bot.path)}, line {choice.bot.runs_at}, starts the bot when it is imported: "
            'put it under if __name__ == "__main__"'
        )
    return tuple(notes)

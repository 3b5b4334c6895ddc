"""What happened at every edge of a table, as far as goals are read from it: few stories make many edges."""

from array import array

from hedgecheck.explore.hints import telling
from hedgecheck.messages import Record


class Happenings:
    """The records of each edge by number, those alone that say something of goals. 4 bytes an edge."""

    def __init__(self) -> None:
        self.numbers = array("i")
        self.records: list[tuple[Record, ...]] = [()]
        self._known: dict[tuple[Record, ...], int] = {(): 0}

    def note(self, records: tuple[Record, ...]) -> None:
        """Takes in the records of the next edge."""
        told = telling(records)
        number = self._known.setdefault(told, len(self.records))
        if number == len(self.records):
            self.records.append(told)
        self.numbers.append(number)

    def forget(self) -> None:
        """Lets go of all of them."""
        self.numbers, self.records = array("i"), [()]
        self._known = {(): 0}

"""What parameters are made of: their ranges, and those that every scenario has.

Parts are fractions (0.3 is 30 %), factors multiply, times are in bars; volatility is per year.
"""

from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hedgecheck.stress.models import BARS

BARS_MAX = 10_000_000
Corruption = Literal["nan", "spike", "duplicate", "gap", "negative", "inf"]
CORRUPTIONS: tuple[Corruption, ...] = get_args(Corruption)
DAY = r"^\d{4}-\d{2}-\d{2}$"
SOURCE = r"^(synthetic|real|(synthetic|packaged|csv|parquet|ccxt):.+)$"

Fall = Annotated[float, Field(gt=0, lt=1)]  # all of it, and no price would be left
Part = Annotated[float, Field(gt=0, le=1)]
Rate = Annotated[float, Field(gt=0, le=1)]
Rise = Annotated[float, Field(gt=0, le=100)]
Wilder = Annotated[float, Field(gt=0, le=100)]
Longer = Annotated[float, Field(ge=1, le=10_000)]
Correlation = Annotated[float, Field(ge=-1, le=1)]
Bars = Annotated[int, Field(ge=1, le=BARS_MAX)]
BarsOrNone = Annotated[int, Field(ge=0, le=BARS_MAX)]
Corruptions = Annotated[tuple[Corruption, ...], Field(strict=False, min_length=1)]
Day = Annotated[str, Field(pattern=DAY)]
Source = Annotated[str, Field(pattern=SOURCE)]


class Parameters(BaseModel):
    """Those of every scenario: the data that it runs on, where the stress begins, the account. A type's own
    are in a subclass."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    bars: int = Field(BARS, ge=2, le=BARS_MAX, description="How many bars of data there are.")
    start_bar: int | None = Field(
        None, ge=0, lt=BARS_MAX, description="The bar at which the stress begins; default: half of the bars."
    )
    source: Source = Field(
        "synthetic",
        description="Where the data come from: synthetic, real, packaged:NAME, csv:PATH, parquet:PATH or "
        "ccxt:EXCHANGE.",
    )
    first: Day | None = Field(
        None, description="Of real data, the first day; default: as far back as needed."
    )
    last: Day | None = Field(None, description="Of real data: the last day; else the last there is.")
    bar_seconds: int = Field(3_600, ge=1, le=31_536_000, description="Seconds in a bar of synthetic data.")
    volatility: float = Field(0.8, ge=0, le=20, description="Of synthetic data, per year: 0.8 is 80 %.")
    correlation: Correlation = Field(0.7, description="Of the moves of all pairs of synthetic symbols.")
    timeout_seconds: float = Field(60.0, gt=0, le=86_400, description="The run is given up after so long.")
    cash: float = Field(100_000.0, gt=0, le=1e12, description="In the account before the first bar.")

    @model_validator(mode="after")
    def _begins_within(self) -> Self:
        if self.start >= self.bars:
            raise ValueError(f"start_bar is {self.start} of {self.bars} bars. Give one of the bars before.")
        return self

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        days = {name: getattr(self, name) for name in ("first", "last")}
        for name, each in days.items():
            try:
                date.fromisoformat(each or "2000-01-01")
            except ValueError as error:
                raise ValueError(f"{name} is {each!r}, and there is no such day: {error}.") from error
        if self.first and self.last and self.first > self.last:
            raise ValueError(f"first is {self.first}, later than last, {self.last}. Give the earlier first.")
        return self

    @property
    def start(self) -> int:
        """The bar at which the stress begins, counted from 0."""
        return self.bars // 2 if self.start_bar is None else self.start_bar

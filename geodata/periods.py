"""The periods that reports are about: days, weeks from Monday, months and quarters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from geodata.errors import InvalidInput

PERIODS = ("day", "week", "month", "quarter")
DAY = timedelta(days=1)
# Every period about these days begins and ends within the calendar, in any zone.
EARLIEST, LATEST = date(2, 1, 1), date(9998, 12, 31)


@dataclass(frozen=True)
class Span:
    """A period of whole days: its kind, its first day, and the first day after it."""

    period: str
    first: date
    after: date

    @classmethod
    def around(cls, period: str, day: date) -> Span:
        """Find the period of a kind that a day lies in.

        Raises:
            InvalidInput: if there is no such kind, or the day is at an end of the calendar.
        """
        if period not in PERIODS:
            raise InvalidInput(f"period is one of {', '.join(PERIODS)}, not {period!r}", "period")
        if not EARLIEST <= day <= LATEST:
            raise InvalidInput(f"date is a day of {EARLIEST} to {LATEST}, not {day}", "date")
        if period == "day":
            return cls(period, day, day + DAY)
        if period == "week":
            monday = day - day.weekday() * DAY
            return cls(period, monday, monday + 7 * DAY)
        months = 3 if period == "quarter" else 1
        first = day.replace(day=1, month=(day.month - 1) // months * months + 1)
        return cls(period, first, (first + 31 * months * DAY).replace(day=1))

    @property
    def before(self) -> Span:
        """The period of this kind before this one."""
        return Span.around(self.period, self.first - DAY)

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """Tell when it begins and when the next begins, in UTC, for a zone's midnights."""
        begin, end = (
            datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
            for day in (self.first, self.after)
        )
        return begin, end

    @property
    def title(self) -> str:
        """Name it in Chinese, such as 2026年11月20日, 2026年第47周, 2026年11月, 2026年第4季度."""
        year, month = self.first.year, self.first.month
        if self.period == "day":
            return f"{year}年{month}月{self.first.day}日"
        if self.period == "week":
            iso = self.first.isocalendar()
            return f"{iso.year}年第{iso.week}周"
        return f"{year}年{month}月" if self.period == "month" else f"{year}年第{month // 3 + 1}季度"


def ended(day: date, days_back: int = 7) -> Iterator[Span]:
    """List what had ended when a day began: the last days, and the last of each longer kind."""
    for back in range(1, days_back + 1):
        yield Span.around("day", day - back * DAY)
    for period in PERIODS[1:]:
        yield Span.around(period, day).before

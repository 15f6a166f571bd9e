"""Working time: when a limit in working hours or working days runs out, to the microsecond.

One table of spans of work answers every question by two look-ups in sorted arrays; the
functions of ``migrations/sql/working_time.sql`` do the same over the stored table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

HOURS, WORKING_HOURS, WORKING_DAYS = "hours", "working_hours", "working_days"
UNITS = (HOURS, WORKING_HOURS, WORKING_DAYS)
US_PER_H = 3_600_000_000
LEAST_US = 0.5  # what rounds to nothing is nothing
H_PER_DAY = 24
SATURDAY = 5
# Years on either side of the calendar's own, whose working days are simply the weekdays.
YEARS_BESIDE = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Us = NDArray[np.int64]
Units = Sequence[str] | NDArray[np.object_]
Hours = tuple[time, time]


@dataclass(frozen=True)
class Spans:
    """Spans of work in order of time; all arrays are of one length, times in µs since 1970.

    Attributes:
        starts_us: when each span begins.
        ends_us: when it ends; no span is empty, none begins before the last has ended.
        days_us: the midnight that the span's day began with, in the town's zone.
    """

    starts_us: Us
    ends_us: Us
    days_us: Us

    @cached_property
    def worked_us(self) -> Us:
        """Tell how much was worked before each span."""
        lengths = self.ends_us - self.starts_us
        before: Us = np.cumsum(lengths) - lengths
        return before

    @cached_property
    def numbers(self) -> Us:
        """Number each span's day among the working days, from 0."""
        return np.unique(self.days_us, return_inverse=True)[1].astype(np.int64)

    def due_after(self, starts_us: Us, amounts: NDArray[np.float64], units: Units) -> Us:
        """Tell when limits run out; outside these spans the clock never stops.

        Args:
            starts_us: when each limit begins to run.
            amounts: hours, working hours or working days; none below 0.
            units: one of ``UNITS`` for each.

        Returns:
            Times in µs since 1970; of working days the end of work on the n-th working day after
            the day of the start.
        """
        kinds = np.asarray(units, dtype=object)
        in_days, in_work = kinds == WORKING_DAYS, kinds == WORKING_HOURS
        whole = np.where(in_days, amounts * H_PER_DAY, amounts)
        due: Us = starts_us + np.rint(whole * US_PER_H).astype(np.int64)
        runs = amounts * US_PER_H > LEAST_US
        if not len(self.starts_us):
            return due
        for kind, reckon in ((in_work, self._after_work), (in_days, self._after_days)):
            mine = kind & runs
            due[mine] = reckon(starts_us[mine], amounts[mine], due[mine])
        return due

    def _after_work(self, starts_us: Us, amounts: NDArray[np.float64], plain: Us) -> Us:
        wanted = self.worked_at(starts_us) + np.rint(amounts * US_PER_H).astype(np.int64)
        at = np.searchsorted(self.worked_us, wanted, "left") - 1
        due = self.starts_us[at] + wanted - self.worked_us[at]
        known = (starts_us >= self.starts_us[0]) & (due <= self.ends_us[at])
        return np.where(known, due, plain)

    def _after_days(self, starts_us: Us, amounts: NDArray[np.float64], plain: Us) -> Us:
        today = np.searchsorted(self.days_us, starts_us, "right") - 1
        wanted = self.numbers[today] + np.ceil(amounts).astype(np.int64)
        at = np.searchsorted(self.numbers, wanted, "right") - 1
        known = (today >= 0) & (self.numbers[at] == wanted)
        return np.where(known, self.ends_us[at], plain)

    def worked_at(self, times_us: Us) -> Us:
        """Tell how much had been worked by some times, in µs since the first span."""
        if not len(self.starts_us):
            return times_us
        at = np.maximum(np.searchsorted(self.starts_us, times_us, "right") - 1, 0)
        within = np.clip(times_us - self.starts_us[at], 0, self.ends_us[at] - self.starts_us[at])
        worked: Us = self.worked_us[at] + within
        return worked

    def days_between(self, starts_us: Us, ends_us: Us) -> Us:
        """Count the working days after the day of each start up to the day of each end."""
        if not len(self.starts_us):
            plain: Us = np.ceil((ends_us - starts_us) / (H_PER_DAY * US_PER_H)).astype(np.int64)
            return plain
        counted = [
            np.searchsorted(self.days_us, times, "right") - 1 for times in (starts_us, ends_us)
        ]
        numbers = np.append(self.numbers, -1)  # before the first span: index -1
        between: Us = numbers[counted[1]] - numbers[counted[0]]
        return between


@dataclass(frozen=True)
class Calendar:
    """The town's hours and its days off.

    Attributes:
        hours: when work begins and ends on a working day, in order, local time.
        holidays: days off.
        workdays: days of a weekend that are worked to make up for a holiday.
        years: the years whose holidays are known; in others the weekdays are working days.
        zone: the IANA name of the town's zone.
    """

    hours: tuple[Hours, ...]
    holidays: frozenset[date]
    workdays: frozenset[date]
    years: tuple[int, ...]
    zone: str = "Asia/Shanghai"

    def is_worked(self, day: date) -> bool:
        """Tell whether a day is a working day."""
        return day in self.workdays or (day.weekday() < SATURDAY and day not in self.holidays)

    def due_after(self, start: datetime, amount: float, unit: str) -> datetime:
        """Tell when a limit runs out that begins at an aware time, in UTC."""
        due = self.spans.due_after(_us(start), np.array([amount], dtype=np.float64), [unit])
        return EPOCH + timedelta(microseconds=int(due[0]))

    def worked_between(self, start: datetime, end: datetime) -> float:
        """Count the working hours between two aware times; below 0 when they are turned round."""
        worked = self.spans.worked_at(_us(end)) - self.spans.worked_at(_us(start))
        return int(worked[0]) / US_PER_H

    @cached_property
    def spans(self) -> Spans:
        """List the spans of the known years and of ten years before and after."""
        first, last = min(self.years) - YEARS_BESIDE, max(self.years) + YEARS_BESIDE
        zone = ZoneInfo(self.zone)
        rows = [
            [datetime.combine(day, moment, zone) for moment in (begin, end, time())]
            for day in _days(first, last)
            if self.is_worked(day)
            for begin, end in self.hours
        ]
        times = np.array([[_whole_us(moment) for moment in row] for row in rows], dtype=np.int64)
        return Spans(*times.reshape(-1, 3).T)


NOTHING = Spans(*np.zeros((3, 0), dtype=np.int64))


def _days(first_year: int, last_year: int) -> Iterator[date]:
    day = date(first_year, 1, 1)
    while day.year <= last_year:
        yield day
        day += timedelta(days=1)


def _whole_us(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def _us(moment: datetime) -> Us:
    return np.array([_whole_us(moment)], dtype=np.int64)

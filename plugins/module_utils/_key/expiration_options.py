# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The expiration options of a task: parse times and durations, and check the combination. Pure."""

from __future__ import annotations

import re
import typing as t
from datetime import date, datetime, timedelta, timezone

from .._errors import OptionError
from .expiration import DOES_NOT_EXPIRE, EXPIRES, MAXIMUM_VALIDITY, WantedExpiration

__all__ = ("parse_duration", "parse_time", "want_expiration")

# A duration is added to the time of KMS's previous response; the import follows some moments later.
MAXIMUM_VALID_FOR = MAXIMUM_VALIDITY - timedelta(minutes=1)

_TIME = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})[Tt ](?P<time>\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?"
    r"\s*(?P<offset>[Zz]|[+-]\d{2}(?::?\d{2})?)?"
)
_BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DURATION = re.compile(r"(?:\d+[wdhms]\s*)+")
_DURATION_PART = re.compile(r"(\d+)([wdhms])")
_SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}


def want_expiration(
    expiration_model: str | None, valid_to: t.Any, valid_for: str | None, renew_before: str | None
) -> WantedExpiration:
    """Read the four options together.

    :raises OptionError: a value cannot be read, or options contradict each other.
    """
    if valid_to is not None and valid_for is not None:
        raise OptionError("valid_to and valid_for both set the expiration. Keep only one of them.")
    if (valid_for is None) != (renew_before is None):
        missing, there = ("valid_for", "renew_before") if valid_for is None else ("renew_before", "valid_for")
        raise OptionError(
            f"{there} requires {missing}: valid_for is the lifetime of the key material after an import, and"
            " renew_before is how long before its expiration it is imported again. Set both options."
        )
    if expiration_model == DOES_NOT_EXPIRE:
        if valid_to is not None or valid_for is not None:
            raise OptionError(
                f"expiration_model is {DOES_NOT_EXPIRE}, but {'valid_to' if valid_to is not None else 'valid_for'}"
                " sets an expiration. Remove one of them."
            )
        return WantedExpiration(never=True)
    if valid_to is not None:
        return WantedExpiration(valid_to=parse_time(valid_to, "valid_to"))
    if valid_for is not None:
        return _want_duration(valid_for, t.cast(str, renew_before))
    if expiration_model == EXPIRES:
        raise OptionError(
            f"expiration_model is {EXPIRES}, but no expiration is set. Set valid_to, or valid_for with renew_before."
        )
    return WantedExpiration()


def _want_duration(valid_for: str, renew_before: str) -> WantedExpiration:
    lives, renewed = parse_duration(valid_for, "valid_for"), parse_duration(renew_before, "renew_before")
    if lives > MAXIMUM_VALID_FOR:
        raise OptionError(
            f"valid_for, {valid_for}, is too long. KMS accepts less than 365 days from the import, and one minute is"
            " reserved for the time between the decision and the import. Set a shorter duration."
        )
    if renewed >= lives:
        raise OptionError(
            f"renew_before, {renew_before}, must be shorter than valid_for, {valid_for}. Otherwise, every run would"
            " import the key material again. Set a shorter renew_before."
        )
    return WantedExpiration(valid_for=lives, renew_before=renewed)


def parse_time(value: t.Any, option: str) -> datetime:
    """Parse ISO 8601 with an offset (UTC without one); return it in UTC, without fractions of a second.

    YAML parses an unquoted timestamp itself, and Ansible passes on the result: a datetime, or its text with a space
    instead of the T, with the offset kept or already converted to UTC. All of these forms are accepted.

    :raises OptionError: not a time, or a date without a time.
    """
    moment: datetime | None
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date) or (isinstance(value, str) and _BARE_DATE.fullmatch(value.strip())):
        raise OptionError(
            f"{option}, {value}, is a date without a time. It could mean the start or end of the day, in local time"
            f" or UTC. Add the time and the offset, for example {str(value).strip()}T12:00:00+00:00."
        )
    else:
        match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
        try:
            moment = _from_match(match) if match else None
        except ValueError as error:
            raise OptionError(f"{option}, {value!r}, is not a valid time: {error}. Correct it.") from None
        if moment is None:
            raise OptionError(
                f"{option}, {value!r}, is not a time. Use ISO 8601 with an offset, for example"
                " 2027-09-17T12:00:00-08:00."
            )
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    try:
        return moment.astimezone(timezone.utc).replace(microsecond=0)
    except (OverflowError, ValueError):
        raise OptionError(f"{option}, {value!r}, is outside the years that UTC can represent. Correct it.") from None


def _from_match(match: t.Match[str]) -> datetime:
    text = f"{match['date']}T{match['time']}" + (":00" if match["time"].count(":") == 1 else "")
    moment = datetime.fromisoformat(text)
    offset = match["offset"]
    if not offset:
        return moment
    if offset in "Zz":
        return moment.replace(tzinfo=timezone.utc)
    digits = offset[1:].replace(":", "").ljust(4, "0")
    if int(digits[2:]) > 59:
        raise ValueError("the offset's minutes must be in 0..59")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment.replace(tzinfo=timezone(-distance if offset[0] == "-" else distance))


def parse_duration(value: str, option: str) -> timedelta:
    """Parse a duration such as ``90d`` or ``1w 12h``: whole numbers, each with a unit of w, d, h, m or s.

    :raises OptionError: not a duration, or a duration of zero.
    """
    text = str(value).strip()
    if not _DURATION.fullmatch(text):
        raise OptionError(
            f"{option}, {value!r}, is not a duration. Use whole numbers with the units w, d, h, m or s, for example"
            " 90d or 1d12h."
        )
    try:
        duration = timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(text)))
    except (OverflowError, ValueError):
        raise OptionError(f"{option} is too long for a duration. Set a shorter one.") from None
    if not duration:
        raise OptionError(f"{option}, {value!r}, is zero. Set at least one second.")
    return duration

# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""When imported key material expires: what is wanted, what is there, and whether that is the same.

Everything here is pure: *now* is an argument. All times are whole seconds in UTC, because KMS keeps whole seconds.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta, timezone

from .._errors import OptionError

__all__ = (
    "DOES_NOT_EXPIRE",
    "EXPIRES",
    "MAXIMUM_VALIDITY",
    "Expiration",
    "WantedExpiration",
    "format_time",
)

EXPIRES = "KEY_MATERIAL_EXPIRES"
DOES_NOT_EXPIRE = "KEY_MATERIAL_DOES_NOT_EXPIRE"

# "The maximum value is 365 days from the request date." (ImportKeyMaterial, ValidTo)
MAXIMUM_VALIDITY = timedelta(days=365)


class Expiration(t.NamedTuple):
    """What KMS shows, or is to be told: the time at which the material expires, or that it never does (``None``)."""

    valid_to: datetime | None

    @property
    def model(self) -> str:
        """KMS's ExpirationModel."""
        return DOES_NOT_EXPIRE if self.valid_to is None else EXPIRES

    def past(self, now: datetime) -> bool:
        return self.valid_to is not None and self.valid_to <= now

    def __str__(self) -> str:
        return "never" if self.valid_to is None else format_time(self.valid_to)


class WantedExpiration(t.NamedTuple):
    """What the task declares. At most one of the three ways is set; none of them means: leave it alone.

    :ivar earlier: by how much sooner than *valid_for* says imported key material expires, see :meth:`spread`.
    """

    valid_to: datetime | None = None
    valid_for: timedelta | None = None
    renew_before: timedelta | None = None
    never: bool = False
    earlier: timedelta = timedelta(0)

    @property
    def declared(self) -> bool:
        return self.never or self.valid_to is not None or self.valid_for is not None

    def spread(self, place: int, total: int) -> WantedExpiration:
        """The same for one of several keys, so that they come due one after the other and not all on one day.

        They expire over a time as long as ``renew_before``, which ends after ``valid_for``. Where that would leave a
        key with little more than ``renew_before``, it is half of what there is between the two: an import must not be
        due again at once.
        """
        if self.valid_for is None or self.renew_before is None:
            return self
        window = min(self.renew_before, (self.valid_for - self.renew_before) / 2)
        return self._replace(earlier=_whole(window * place / total))

    def satisfied_by(self, present: Expiration, now: datetime) -> bool:
        """Whether material that expires as *present* may stay as it is."""
        if not self.declared:
            return True
        if self.never or self.valid_to is not None:
            return present.valid_to == self.valid_to
        valid_for, renew_before = t.cast(timedelta, self.valid_for), t.cast(timedelta, self.renew_before)
        return present.valid_to is not None and renew_before <= present.valid_to - now <= valid_for

    def due(self, end: datetime | None, now: datetime) -> bool:
        """Whether *end* is within ``renew_before``; never without one."""
        return self.renew_before is not None and end is not None and end - now < self.renew_before

    def outlasts(self, end: datetime, now: datetime) -> bool:
        """Whether other key material of the key that expires at *end* needs a warning beside this declaration.

        With ``renew_before`` that is the time to warn; else it expires before the declared key material does.
        """
        if self.renew_before is not None:
            return self.due(end, now)
        return self.never or (self.valid_to is not None and end < self.valid_to)

    def for_import(self, present: Expiration | None, now: datetime, never_imported: bool | None = None) -> Expiration:
        """The expiration to send with an import at *now*.

        :param present: the expiration that KMS shows for this material, or None where there is none.
        :param never_imported: whether the key never had key material; None where that is not known.
        :raises OptionError: nothing is declared and nothing is there to keep, or KMS would refuse the time.
        """
        if self.never:
            return Expiration(None)
        if self.valid_for is not None:
            return Expiration(_whole_seconds(now + self.valid_for - self.earlier))
        if self.valid_to is not None:
            _refuse_time(self.valid_to, now, present is None, never_imported)
            return Expiration(self.valid_to)
        if present is None:
            raise OptionError(
                "The key material has to be imported, and the task does not say when it expires. Set valid_to,"
                " or valid_for with renew_before, or expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE."
            )
        return present


def _refuse_time(valid_to: datetime, now: datetime, gone: bool, never_imported: bool | None) -> None:
    if valid_to <= now:
        if gone and never_imported is None:
            raise OptionError(
                f"KMS holds no key material of the key, and valid_to, {format_time(valid_to)}, is past: either it has"
                " expired as declared, or none was ever imported. To import it, give a later valid_to."
            )
        if gone and not never_imported:
            raise OptionError(
                f"The key material is gone from KMS and valid_to, {format_time(valid_to)}, is past:"
                " it has expired as declared. To import it again, give a new valid_to."
            )
        raise OptionError(
            f"valid_to, {format_time(valid_to)}, is not in the future (KMS's clock says {format_time(now)})."
            + (
                " The key never had key material. Give a later time."
                if gone
                else " Give a later time. To take the key material out of the key now, use state: absent."
            )
        )
    # KMS says "must be less than 365 days in the future".
    if valid_to - now >= MAXIMUM_VALIDITY:
        raise OptionError(
            f"valid_to, {format_time(valid_to)}, is 365 days or more after now ({format_time(now)}), and KMS accepts"
            " less than that. Give an earlier time, or expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE."
        )


def _whole(duration: timedelta) -> timedelta:
    return timedelta(seconds=int(duration.total_seconds()))


def _whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def format_time(moment: datetime) -> str:
    """ISO 8601 in UTC with whole seconds, for example ``2027-09-17T20:00:00+00:00``."""
    return _whole_seconds(moment.astimezone(timezone.utc)).isoformat()

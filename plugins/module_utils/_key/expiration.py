# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""When imported key material expires: the declared and the present expiration, and whether they agree.

All functions are pure: *now* is an argument. All times are whole seconds in UTC, because KMS keeps whole seconds.
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
    """The expiration in KMS, or to be sent to it: when the key material expires, or ``None`` for never."""

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
    """The declared expiration. At most one of the three ways is set; if none is set, the expiration is not changed.

    :ivar earlier: by how much imported key material expires before *valid_for* is over, see :meth:`spread`.
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
        """The declaration for one of several keys, so that their renewals are spread and not all due on one day.

        The keys expire within a period as long as ``renew_before``, which ends after ``valid_for``. If a key would then
        live little longer than ``renew_before``, the period is half of the time between the two: an import must not be
        due again immediately.
        """
        if self.valid_for is None or self.renew_before is None:
            return self
        window = min(self.renew_before, (self.valid_for - self.renew_before) / 2)
        return self._replace(earlier=_whole(window * place / total))

    def satisfied_by(self, present: Expiration, now: datetime) -> bool:
        """Whether key material with the *present* expiration does not need an import."""
        if not self.declared:
            return True
        if self.never or self.valid_to is not None:
            return present.valid_to == self.valid_to
        valid_for, renew_before = t.cast(timedelta, self.valid_for), t.cast(timedelta, self.renew_before)
        return present.valid_to is not None and renew_before <= present.valid_to - now <= valid_for

    def due(self, end: datetime | None, now: datetime) -> bool:
        """Whether *end* is within ``renew_before``; False if that is not declared."""
        return self.renew_before is not None and end is not None and end - now < self.renew_before

    def outlasts(self, end: datetime, now: datetime) -> bool:
        """Whether other key material of the key that expires at *end* needs a warning with this declaration.

        With ``renew_before``, that period decides; otherwise, whether it expires before the declared key material.
        """
        if self.renew_before is not None:
            return self.due(end, now)
        return self.never or (self.valid_to is not None and end < self.valid_to)

    def for_import(self, present: Expiration | None, now: datetime, never_imported: bool | None = None) -> Expiration:
        """The expiration to send with an import at *now*.

        :param present: the present expiration of this key material in KMS; None if there is none.
        :param never_imported: whether the key never had key material; None if that is unknown.
        :raises OptionError: there is neither a declared nor a present expiration, or KMS would reject the time.
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
                "The task imports key material but does not declare when it expires. Set valid_to, or valid_for"
                " with renew_before, or expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE."
            )
        return present


def _refuse_time(valid_to: datetime, now: datetime, gone: bool, never_imported: bool | None) -> None:
    if valid_to <= now:
        if gone and never_imported is None:
            raise OptionError(
                f"valid_to, {format_time(valid_to)}, is in the past, and KMS holds no key material for the key: it"
                " has expired as declared, or was never imported. To import it, set a later valid_to."
            )
        if gone and not never_imported:
            raise OptionError(
                f"valid_to, {format_time(valid_to)}, is in the past, and KMS no longer holds the key material: it"
                " has expired as declared. To import it again, set a later valid_to."
            )
        raise OptionError(
            f"valid_to, {format_time(valid_to)}, is not in the future (the time in KMS is {format_time(now)})."
            + (
                " The key never had key material. Set a later time."
                if gone
                else " Set a later time. To delete the key material now, use state: absent."
            )
        )
    # KMS: "must be less than 365 days in the future".
    if valid_to - now >= MAXIMUM_VALIDITY:
        raise OptionError(
            f"valid_to, {format_time(valid_to)}, is 365 days or more from now ({format_time(now)}), but KMS accepts"
            " less than 365 days. Set an earlier time, or expiration_model: KEY_MATERIAL_DOES_NOT_EXPIRE."
        )


def _whole(duration: timedelta) -> timedelta:
    return timedelta(seconds=int(duration.total_seconds()))


def _whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def format_time(moment: datetime) -> str:
    """Format *moment* as ISO 8601 in UTC with whole seconds, for example ``2027-09-17T20:00:00+00:00``."""
    return _whole_seconds(moment.astimezone(timezone.utc)).isoformat()

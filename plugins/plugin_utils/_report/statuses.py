# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What each status of a report means, in the words of its pages. Pure."""

from __future__ import annotations

from .row import STATUSES, Json

__all__ = ("DAYS_LEFT", "define_statuses", "soon_range")

DAYS_LEFT = (
    "Days left: the whole 24-hour periods from the time of this report to the first expiration of key material that the"
    " key uses or that waits for its rotation, rounded down. 0 means that less than 24 hours are left, or that the"
    " expiration has passed and KMS still lists the key material. All times are in UTC, by the clock of AWS KMS."
)


def define_statuses(warn_within_days: int, fail_within_days: int | None) -> dict[str, Json]:
    """Return the ``name`` and the ``meaning`` of each status, the most urgent first.

    The limits are those with which the report was made. Without *fail_within_days* no key is ``critical``.
    """
    soon = soon_range(warn_within_days, fail_within_days)
    least = max(warn_within_days, fail_within_days or 0)
    found = {
        "missing": (
            "No key material",
            "At least one key material that the key needs is not imported: it expired, was deleted, or was never"
            " imported. KMS cannot use the key until the key material is imported.",
        ),
        "absent": (
            "Does not exist",
            "The report was requested for this key by name, and the account and Region have no such key.",
        ),
        "critical": (
            "Critical" if fail_within_days is None else f"Fewer than {_days(fail_within_days)} left",
            "The report was made without a limit for this status."
            if fail_within_days is None
            else f"Key material of the key expires in fewer than {_days(fail_within_days)}.",
        ),
        "unknown": (
            "Not readable",
            "KMS did not describe the key, for example because a permission is missing. It is not known whether the key"
            " has its key material, or whether the key material was imported. A key whose key material expires also has"
            " this status if KMS returned no date.",
        ),
        "soon": (f"{soon[0].upper()}{soon[1:]} left", f"Key material of the key expires in {soon}."),
        "attention": (
            "Needs attention",
            "The key does not lack key material, and no key material expires soon. The row names another reason to act,"
            " such as few remaining rotations, a Region without key material, or an origin other than EXTERNAL.",
        ),
        "later": ("Expires later", f"The first key material of the key expires in {_days(least)} or more."),
        "never": ("Does not expire", "The key has its key material, and the key material has no expiration."),
        "deleting": (
            "Pending deletion",
            "The deletion of the key is scheduled. KMS does not use the key and accepts no import.",
        ),
    }
    return {status: {"name": found[status][0], "meaning": found[status][1]} for status in STATUSES}


def soon_range(warn_within_days: int, fail_within_days: int | None) -> str:
    """Return which numbers of days left are ``soon``. Those that are ``critical`` do not count twice."""
    if fail_within_days is None or not 0 < fail_within_days < warn_within_days:
        return f"fewer than {_days(warn_within_days)}"
    last = warn_within_days - 1
    return _days(last) if fail_within_days == last else f"{fail_within_days} to {_days(last)}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"

# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The sentences with which the role fails. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ...module_utils._kms.identifiers import MOST_NAMES, name_some
from .row import Json

__all__ = ("failures",)


def failures(
    errors: Mapping[str, str], keys: list[Json], matches: Mapping[str, int | None], fail_within_days: int | None
) -> list[str]:
    """Return a short sentence for each reason to fail. The report has the details that a sentence omits.

    :param errors: why each source that failed could not be read.
    :param keys: the rows of the report.
    :param matches: for each alias pattern the number of keys that it matches; None where that is not known.
    """
    sentences = _unread_sources(errors)
    if fail_within_days is None:
        return sentences
    for reason, (one, several) in {
        "missing": ("lacks key material", "lack key material"),
        "absent": ("does not exist", "do not exist"),
        "critical": (f"has fewer than {fail_within_days} days left", f"have fewer than {fail_within_days} days left"),
        "unknown": (
            "cannot be described, so its key material is unknown",
            "cannot be described, so their key material is unknown",
        ),
        "undated": ("has an unknown expiration", "have an unknown expiration"),
    }.items():
        names = [_name_with_place(key) for key in keys if _reason(key) == reason]
        if names:
            subject = f"1 key {one}" if len(names) == 1 else f"{len(names)} keys {several}"
            sentences.append(f"{subject}: {name_some(names, 'see the report')}.")
    idle = [pattern for pattern, number in matches.items() if number == 0]
    if idle:
        subject = "1 alias pattern matches" if len(idle) == 1 else f"{len(idle)} alias patterns match"
        sentences.append(f"{subject} no key: {name_some(idle, 'see the report')}.")
    if not keys and not sentences:
        sentences.append(
            "There is no key with imported key material to look at. Are the account and Region the right ones?"
        )
    return sentences


def _reason(key: Json) -> str:
    return "undated" if key["status"] == "unknown" and "expiration" in key["unread"] else str(key["status"])


def _unread_sources(errors: Mapping[str, str]) -> list[str]:
    """An error that many accounts share, such as an expired profile, is one sentence."""
    names: dict[str, list[str]] = {}
    for name, error in errors.items():
        names.setdefault(error, []).append(name)
    sentences = [
        f"{name_some(alike)} could not be read: {error.rstrip('.')}."
        for error, alike in list(names.items())[:MOST_NAMES]
    ]
    left = sum(len(alike) for alike in list(names.values())[MOST_NAMES:])
    return [*sentences, f"{left} more could not be read, see the report."] if left else sentences


def _name_with_place(key: Json) -> str:
    place = [key["account"], key["region"]] if key["arn"] else [key["source"]]
    if key["status"] == "critical":
        place.append("1 day left" if key["days_left"] == 1 else f"{key['days_left']} days left")
    return f"{key['name']} ({', '.join(place)})"

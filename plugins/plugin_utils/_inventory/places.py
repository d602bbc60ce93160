# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The keys of several accounts and Regions, read concurrently.

Threads are used because nearly all of the time is spent waiting for KMS, and boto3 clients may be shared between
threads. Ansible runs an inventory plugin in one process, which does nothing else in the meantime.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...module_utils._errors import CloudKeysError
from ...module_utils._key.expiration import format_time
from ...module_utils._kms.client import Kms
from ...module_utils._kms.concurrency import concurrently
from ...module_utils._kms.identifiers import account_of_arn
from ...module_utils._report.entry import Filters, soonest_first
from ...module_utils._report.survey import describe_selected, read_every_key
from .hosts import FoundKey, without_repetition

__all__ = ("Place", "Reading", "account_of_profile", "read_places")

# Up to 16 keys are read concurrently in each of them.
_PLACES = 4


class Place(t.NamedTuple):
    """An account and a Region.

    :ivar profile: selects the account; None for credentials without one.
    :ivar region: None if none is known.
    """

    profile: str | None
    region: str | None

    def __str__(self) -> str:
        region = f"Region {self.region}" if self.region else "the Region"
        return f"{region} of the profile {self.profile}" if self.profile else region


class Reading(t.NamedTuple):
    """The keys found, sorted by expiration, and a sentence for each place that could not be read."""

    keys: list[FoundKey]
    failures: list[str]


def account_of_profile(profile: str | None) -> str | None:
    """The account ID, 12 digits, if the AWS configuration contains it: in the ARN of a role that the profile assumes,
    or for IAM Identity Center. Otherwise None.
    """
    if profile is None:
        return None
    # Imported here because the inventory plugin reports a missing botocore.
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    try:
        config = Session(profile=profile).get_scoped_config()
    except BotoCoreError:
        return None
    role = config.get("role_arn")
    return config.get("sso_account_id") if role is None else account_of_arn(role)


def read_places(places: Sequence[tuple[Place, Kms | str]], filters: Filters) -> Reading:
    """Every key with the origin EXTERNAL, and those that cannot be described and so may be one.

    :param places: each with its KMS, or a sentence with the reason why there is none.
    """
    found: list[FoundKey] = []
    failures = []
    answers = concurrently(lambda one: _read(*one, filters), places, _PLACES)
    for (place, _kms), answer in zip(places, answers, strict=True):
        if isinstance(answer, str):
            # Some end with words of another source.
            failures.append(f"The keys of {place} could not be read. {answer.rstrip('.')}.")
        else:
            found += answer
    return Reading(sorted(without_repetition(found), key=lambda key: soonest_first(key.entry)), failures)


def _read(place: Place, kms: Kms | str, filters: Filters) -> list[FoundKey] | str:
    if isinstance(kms, str):
        return kms
    try:
        readings = read_every_key(kms, True, filters)
    except CloudKeysError as error:
        return error.sentence
    # A key that was deleted after it was listed is not a host.
    told = describe_selected([one for one in readings if one.exists is not False], filters, kms.now)
    read_at = format_time(told.read_at)
    return [FoundKey(entry, place.profile, read_at) for entry in told.entries]

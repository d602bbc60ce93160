# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many keys a run has at a time and in all, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Keys of one run that are not scheduled for deletion, at any moment.
MOST_ALIVE = 5
SOURCE = "https://aws.amazon.com/kms/pricing/ (a copy read on 2026-11-29)"
_KEY_A_MONTH = 1.00
_HOURS_A_MONTH = 730
# The price is prorated by the hour. A run takes less than one, except where KMS is slow to rotate.
_HOURS = 2
_REQUESTS = 2_000
# A request with an asymmetric key, the dearest of those that a run makes.
_TEN_THOUSAND_REQUESTS = 0.15


class TooManyKeys(Exception):
    """A scenario would exceed the number of keys that the user has agreed to."""


@dataclass
class Budget:
    """Counts keys before they are created.

    :ivar alive: the names of keys that exist and are not scheduled for deletion.
    """

    alive: set[str] = field(default_factory=set)
    created: int = 0

    def take(self, names: list[str]) -> None:
        """:raises TooManyKeys: with these keys there would be more than ``MOST_ALIVE``. None is created."""
        new = set(names) - self.alive
        if len(self.alive) + len(new) > MOST_ALIVE:
            raise TooManyKeys(
                f"{len(self.alive)} keys exist, and {len(new)} more would exceed the maximum of {MOST_ALIVE}."
            )
        self.alive |= new
        self.created += len(new)

    def give_back(self, names: list[str]) -> None:
        """Their deletion is scheduled."""
        self.alive -= set(names)


def most_expensive(keys: int, rotations: int) -> float:
    """US dollars, rounded up to a cent: every key and every rotation for hours, and every request at the top price."""
    hours = (keys + rotations) * _HOURS
    dollars = hours * _KEY_A_MONTH / _HOURS_A_MONTH + _REQUESTS / 10_000 * _TEN_THOUSAND_REQUESTS
    return -(-dollars * 100 // 1) / 100


def statement(keys: int, rotations: int) -> str:
    """The price, as it is shown before the user agrees."""
    return (
        f"At most {MOST_ALIVE} keys exist at a time, {keys} in all. AWS charges ${_KEY_A_MONTH:.0f} a month for a key,"
        f" prorated by the hour, and as much for each of the first two rotations of a key. A key that is scheduled for"
        f" deletion costs nothing. Requests cost at most ${_TEN_THOUSAND_REQUESTS} for 10,000, and the run makes fewer"
        f" than {_REQUESTS:,}. To find its own keys, it also reads the other keys of the account, some of them several"
        f" times: these requests are not included.\n"
        f"This run costs at most ${most_expensive(keys, rotations):.2f}, provided that its keys are scheduled for"
        f" deletion. Taxes are extra.\n"
        f"Source: {SOURCE}. The price in your Region may differ."
    )

# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The first request about a key: read its state from KMS, and wait until it is ready."""

from __future__ import annotations

from ...module_utils._messages import Look, Seen, WhenParameters
from .._controller.conversations import Conversation, ask
from .declaration import Declaration
from .outcome import Outcome

__all__ = ("LONGEST_WAIT", "look")

# How many seconds one visit waits for one key. A longer wait consists of several visits, so that the target is not
# occupied.
LONGEST_WAIT = 15


def look(declaration: Declaration, outcome: Outcome, *, first: bool = False) -> Conversation[Seen]:
    """Read the key until it is ready, which takes some moments after its creation, or the time is over.

    :param first: whether import parameters may come with the answer, which saves a visit if an import is due.
    """
    timeout = declaration.wait_timeout or 0
    waited = 0
    while True:
        wait = min(LONGEST_WAIT, timeout - waited)
        request = Look(
            declaration.key,
            declaration.region,
            public_key=declaration.sources.kind == "given" or declaration.sources.bundle is not None,
            parameters=_when_parameters(declaration) if first else "never",
            expiration=declaration.wanted.expiration,
            wrapping_algorithm=declaration.wrapping_algorithm,
            wrapping_key_spec=declaration.wrapping_key_spec,
            wait=wait,
        )
        seen = yield from ask(request, Seen)
        outcome.facts = seen.facts
        waited += wait
        if seen.facts.key_state not in ("Creating", "Updating") or waited >= timeout:
            return seen


def _when_parameters(declaration: Declaration) -> WhenParameters:
    if declaration.check_mode or declaration.sources.kind != "given" or declaration.wanted.state == "absent":
        return "never"
    return "always" if declaration.wanted.force else "due"

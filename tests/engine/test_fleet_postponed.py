# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A visit at its time limit leaves the remaining requests to the next visit. They do not count as failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from support.emulator import Emulator
from support.fleet import Fleet, Visit, foretold, settled
from support.in_process import NEVER, came_locally, fresh_client, kms_of
from support.materials import SYMMETRIC, new_material

from ansible_collections.cloudkeys.aws.plugins.module_utils._external_key.answer import EnsureKeyHandler
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.quotas import QUOTAS
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.traffic import Traffic
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Answer, Postponed, Request, regions_of
from ansible_collections.cloudkeys.aws.plugins.module_utils._requests.answer import answer_all

from .declared_regions import HOME, NEAR

# One request at once, and the next one after the visit is over.
HURRIED = {**QUOTAS, **dict.fromkeys(("DescribeKey", "ListAliases", "ListKeys", "ListResourceTags"), 0.5)}
PATIENCE = 0.001


class Impatient:
    """Visits in which some Regions have no turn: only a part of what they are asked is answered."""

    def __init__(self, client: Any, *regions: str, hurried: int) -> None:
        self._client = client
        self._regions = regions
        self._hurried = hurried
        self.postponed = 0

    def visit(self, requests: Sequence[Request]) -> Sequence[Answer]:
        clients = {region: self._kms(region or self._client.meta.region_name) for region in regions_of(requests)}
        self._hurried -= 1
        answers = answer_all(clients, requests, EnsureKeyHandler)
        self.postponed += sum(isinstance(one, Postponed) for one in answers)
        return [came_locally(one) for one in answers]

    def _kms(self, region: str) -> Kms:
        client = fresh_client(self._client, region)
        if region in self._regions and self._hurried > 0:
            return Kms(client, traffic=Traffic(HURRIED, PATIENCE))
        return kms_of(client)


@pytest.mark.usefixtures("pauses_of_the_emulator")
@pytest.mark.parametrize("region", [HOME, NEAR])
@pytest.mark.parametrize("check_mode", [True, False], ids=["check", "run"])
def test_a_region_without_a_turn_has_not_failed(home: Fleet, emulator: Emulator, region: str, check_mode: bool) -> None:
    entries = [
        {
            "alias": name,
            "multi_region": True,
            "replica_regions": [NEAR],
            "key_material_src": home.file(new_material(SYMMETRIC)),
        }
        for name in ("one", "two")
    ]
    foretold(home, emulator, *entries, **NEVER).ok()
    entries[0]["description"] = "changed"
    unlimited_patience = Impatient(home.client, region, hurried=2)
    visit: Visit = unlimited_patience.visit
    done = home.run(*entries, check_mode=check_mode, visit=visit, **NEVER).ok()
    assert unlimited_patience.postponed > 0, "otherwise nothing was tried"
    assert done.each("changed") == [True, False]
    home.run(*entries, **NEVER).ok()
    settled(home, emulator, *entries, **NEVER)

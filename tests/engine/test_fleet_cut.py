# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next run finishes an interrupted run over many keys, and repeats no change."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.declared_keys import policy, tags
from support.emulator import Emulator
from support.fixtures import new_account
from support.fleet import CHANGES, LASTS, Entry, Fleet, aliases, now, settled
from support.in_process import with_days
from support.materials import SYMMETRIC, new_material

from .declared_regions import HOME, NEAR
from .interruptions import Cut, Process

pytestmark = pytest.mark.usefixtures("pauses_of_the_emulator")

# After a request that changes nothing KMS is as it was after the one before.
COUNTED = CHANGES - {"GetParametersForImport"}
# How many parts the numbers of these requests are divided into; and how many a run has at least.
PARTS, FEWEST = 2, 14


class Kinds:
    """A key that is new, one that is new and is to be in two Regions, and a Disabled one that is due."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.account = new_account()
        self.kms = emulator.client(HOME, self.account)
        self.near = emulator.client(NEAR, self.account)
        self.fleet = Fleet(self.kms, folder)
        due = with_days(self.kms, emulator, "due", 10, new_material("HMAC_256"), spec="HMAC_256")
        self.kms.disable_key(KeyId=due.arn)
        self.entries: list[Entry] = [
            {"alias": "new", "key_material_src": self._file(SYMMETRIC), "tags": {"a": "1"}, "description": "one"},
            {
                "alias": "everywhere",
                "key_spec": "HMAC_256",
                "multi_region": True,
                "replica_regions": [NEAR],
                "key_material_src": self._file("HMAC_256"),
                "policy": policy(self.account, "kms:Describe*", "kms:*"),
            },
            {"alias": "due", "enabled": False, "key_material_src": self.fleet.file(due.material)},
        ]

    def _file(self, spec: str) -> str:
        return self.fleet.file(new_material(spec))

    def check(self) -> None:
        """All of them are as they are declared, and there are no others."""
        assert sorted(aliases(self.kms)) == ["alias/due", "alias/everywhere", "alias/new"]
        assert len(self.kms.list_keys()["Keys"]) == 3
        (near,) = self.near.list_keys()["Keys"]
        assert aliases(self.near) == {"alias/everywhere": near["KeyId"]}
        states = [self._describe(self.kms, name)["KeyState"] for name in ("new", "everywhere", "due")]
        assert [*states, self._describe(self.near, "everywhere")["KeyState"]] == [
            "Enabled",
            "Enabled",
            "Disabled",
            "Enabled",
        ]
        new = self._describe(self.kms, "new")
        assert (new["Description"], tags(self.kms, new["Arn"])) == ("one", {"a": "1"})

    @staticmethod
    def _describe(client: Any, name: str) -> dict[str, Any]:
        metadata: dict[str, Any] = client.describe_key(KeyId=f"alias/{name}")["KeyMetadata"]
        return metadata


@pytest.mark.parametrize("part", range(PARTS))
def test_a_run_that_is_cut_off_after_every_change(emulator: Emulator, tmp_path: Path, part: int) -> None:
    number, cut = 1 + part, True
    while cut:
        folder = tmp_path / str(number)
        folder.mkdir()
        kinds = Kinds(emulator, folder)
        since = now(emulator)
        with contextlib.suppress(Cut):
            kinds.fleet.run(*kinds.entries, visit=Process(number, COUNTED).visits(kinds.kms), **LASTS).ok()
            cut = False
        finished = kinds.fleet.run(*kinds.entries, **LASTS)
        assert not finished.result.get("failed"), f"cut after {number} changes: {finished.result['msg']}"
        kinds.check()
        settled(kinds.fleet, emulator, *kinds.entries, **LASTS)
        _refuse_twice(emulator, since)
        number += PARTS
    assert number > FEWEST, "a run has more changes than that"


def _refuse_twice(emulator: Emulator, since: int) -> None:
    done = [call for call in emulator.control.calls()[since:] if call["status"] == 200]
    imports = Counter((call["region"], call["key"]) for call in done if call["operation"] == "ImportKeyMaterial")
    assert sorted(imports.values()) == [1, 1, 1, 1]
    assert sum(call["operation"] == "CreateKey" for call in done) == 2
    assert sum(call["operation"] == "ReplicateKey" for call in done) == 1

# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key ceremony: export, encrypt without a network, import, through the playbooks of the collection."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..bench import Bench, expect
from ..player import Played
from . import Scenario

NAME = "main"


def ceremony(bench: Bench) -> None:
    key = bench.ready_key()
    bench.lose(key)
    exporter, custodian = (bench.player.work / name for name in ("exporter", "custodian"))
    for folder in (exporter, custodian):
        folder.mkdir(exist_ok=True)
    shutil.copy(key.material, custodian / "main.key")
    account = {"cloudkeys_region": bench.region, "cloudkeys_account_id": bench.account.number}
    exported = {"ceremony_keys": [{"name": NAME, "key_id": key.arn}], **account}
    codes = _codes(bench.player.call("ceremony_export", exported, folder=exporter))
    _carry("parameters", exporter, custodian)
    wrapped = {
        "ceremony_keys": [{"name": NAME, "key_material_src": "main.key", "key_material_format": "raw"}],
        "ceremony_check_codes": codes,
    }
    codes = _codes(bench.player.call("ceremony_wrap", wrapped, folder=custodian, offline=True))
    _carry("wrapped", custodian, exporter)
    imported = {
        **exported,
        "ceremony_check_codes": codes,
        "ceremony_expiration_model": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
    bench.player.call("ceremony_import", imported, folder=exporter)
    expect(bench.state(key) == "Enabled", "the key is Enabled")
    used = bench.play("Use the key", bench.use(key)).last
    expect(used["verified"], "the key decrypts what it encrypted before")
    bench.check_expiration(key.arn, None)
    bench.check_use(key)


def _codes(played: Played) -> dict[str, str]:
    """The check codes, as they are shown to be read aloud."""
    lines: list[str] = played.last["msg"]
    return dict(line.split(": ") for line in lines)


def _carry(kind: str, giver: Path, taker: Path) -> None:
    """As on a USB stick: the bundle, and nothing else."""
    (taker / "ceremony").mkdir(exist_ok=True)
    shutil.copy(giver / "ceremony" / f"{NAME}.{kind}.json", taker / "ceremony")


SCENARIOS = (
    Scenario("ceremony", "ceremony", "key material is exported for, encrypted offline and imported", ceremony),
)

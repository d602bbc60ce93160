# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declaration of import parameters in a task, and invalid declarations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._bundle.options import IMPORT_PARAMETERS
from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.export_declaration import Export, declare_exports
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.arguments import validate

from .._controller.test_files import action
from ..bundles import ARN

IRELAND = ARN.replace("eu-central-1", "eu-west-1")


def declared(folder: Path, *entries: dict[str, Any], region: str | None = None, **options: Any) -> list[Export]:
    given = validate({"bundles": list(entries), **options}, IMPORT_PARAMETERS)
    plugin = action(folder)
    plugin._loader.set_basedir(str(folder))
    return declare_exports(plugin, given, {"region": region}, check_mode=False)


def test_an_entry(tmp_path: Path) -> None:
    """A relative path starts in the playbook's directory. Whether the file exists is checked later."""
    (export,) = declared(tmp_path, {"key_arn": ARN, "dest": "nowhere/a.json"}, wrapping_algorithm="RSAES_OAEP_SHA_1")
    assert export == Export(
        ARN, {"dest": tmp_path / "nowhere" / "a.json"}, "eu-central-1", "RSAES_OAEP_SHA_1", "RSA_4096", "kms_direct"
    )


def test_each_key_has_its_region(tmp_path: Path) -> None:
    keys = (ARN, IRELAND, " alias/payments ")
    exports = declared(tmp_path, *[{"key_id": key, "dest": str(number)} for number, key in enumerate(keys)])
    assert [(export.key, export.region) for export in exports] == [
        (ARN, "eu-central-1"),
        (IRELAND, "eu-west-1"),
        ("alias/payments", None),
    ]


def test_nothing_to_write(tmp_path: Path) -> None:
    (export,) = declared(tmp_path, {"key_id": ARN}, return_bundles=True)
    assert export.paths == {}


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ([{"key_id": ARN}], "Set dest, or return_bundles: true"),
        ([{"key_id": " ", "dest": "a"}], "key_id of an entry of bundles is empty"),
        ([{"key_id": ARN, "public_key_dest": "a"}], "require each other"),
        ([{"key_id": ARN, "import_token_dest": "a"}], "require each other"),
        ([{"key_id": ARN, "dest": "a"}, {"key_id": IRELAND, "dest": "b/../a"}], "Two files would be written to"),
        ([{"key_id": ARN, "dest": "a", "public_key_dest": "a", "import_token_dest": "c"}], "Two files"),
    ],
)
def test_entries_that_cannot_be_meant(tmp_path: Path, entries: list[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        declared(tmp_path, *entries)


def test_a_region_that_contradicts_one_of_the_arns(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is in Region eu-west-1, but region is eu-central-1"):
        declared(tmp_path, {"key_id": ARN, "dest": "a"}, {"key_id": IRELAND, "dest": "b"}, region="eu-central-1")

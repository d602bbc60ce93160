# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A task's declaration about import parameters, validated as far as that is possible without KMS."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansible.plugins.action import ActionBase

from ...module_utils._errors import Refusal
from ...module_utils._key.specs import DEFAULT_WRAPPING_KEY_SPEC
from .._controller.arguments import region_of_key
from .._controller.files import destination_path
from .destinations import DESTINATIONS

__all__ = ("Export", "declare_exports")


@dataclass(frozen=True)
class Export:
    """The declaration about one key.

    :ivar paths: the paths of the files, by the options that name them.
    :ivar region: the Region of the key; None for the Region of the task.
    """

    key: str
    paths: Mapping[str, Path] = field(default_factory=dict)
    region: str | None = None
    wrapping_algorithm: str | None = None
    wrapping_key_spec: str = DEFAULT_WRAPPING_KEY_SPEC
    wrapping_key_trust: str = "kms_direct"
    check_mode: bool = False


def declare_exports(
    action: ActionBase, given: Mapping[str, t.Any], forwarded: Mapping[str, t.Any], *, check_mode: bool
) -> list[Export]:
    """:param given: the validated options.
    :raises Refusal: one of the entries is invalid, or two of them contradict each other.
    """
    exports = [
        Export(
            key=entry["key_id"].strip(),
            paths={option: destination_path(action, entry[option]) for option in DESTINATIONS if entry.get(option)},
            region=region_of_key(entry["key_id"].strip(), forwarded),
            wrapping_algorithm=given.get("wrapping_algorithm"),
            wrapping_key_spec=given["wrapping_key_spec"],
            wrapping_key_trust=given["wrapping_key_trust"],
            check_mode=check_mode,
        )
        for entry in given["bundles"]
    ]
    for export in exports:
        _refuse_entry(export, returned=given["return_bundles"])
    _refuse_same_files([path for export in exports for path in export.paths.values()])
    return exports


def _refuse_entry(export: Export, *, returned: bool) -> None:
    if not export.key:
        raise Refusal("key_id of an entry of bundles is empty. Set a key ID, key ARN, alias name or alias ARN.")
    if ("public_key_dest" in export.paths) != ("import_token_dest" in export.paths):
        raise Refusal(f"{export.key}: public_key_dest and import_token_dest require each other. Set both or none.")
    if not export.paths and not returned:
        raise Refusal(
            f"{export.key}: the task neither writes nor returns the import parameters. Set dest, or return_bundles:"
            " true."
        )


def _refuse_same_files(paths: Sequence[Path]) -> None:
    taken: set[Path] = set()
    for path in paths:
        if path in taken:
            raise Refusal(f"Two files would be written to {path}. Name different files.")
        taken.add(path)

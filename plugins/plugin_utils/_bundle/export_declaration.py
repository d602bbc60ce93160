# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What a task says about import parameters, checked as far as that is possible without asking KMS."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible.plugins.action import ActionBase

from ...module_utils._errors import Refusal
from .._controller.arguments import region_of_key
from .._controller.files import destination_path
from .destinations import DESTINATIONS
from .export import Export

__all__ = ("declare_exports",)


def declare_exports(
    action: ActionBase, given: Mapping[str, t.Any], forwarded: Mapping[str, t.Any]
) -> list[Export]:
    """:param given: the validated options.
    :raises Refusal: one of the entries cannot be meant like this, or two of them together.
    """
    exports = [_declare(action, entry, given, forwarded) for entry in given["bundles"]]
    _refuse_same_files([path for export in exports for path in export.paths.values()])
    return exports


def _declare(
    action: ActionBase, entry: Mapping[str, t.Any], given: Mapping[str, t.Any], forwarded: Mapping[str, t.Any]
) -> Export:
    key = entry["key_id"].strip()
    if not key:
        raise Refusal("bundles[].key_id is empty. Give a key ID, key ARN, alias name or alias ARN.")
    if bool(entry.get("public_key_dest")) != bool(entry.get("import_token_dest")):
        raise Refusal(f"{key}: public_key_dest and import_token_dest belong together; give both or none.")
    paths = {option: destination_path(action, entry[option]) for option in DESTINATIONS if entry.get(option)}
    if not paths and not given["return_bundles"]:
        raise Refusal(
            f"{key}: the task says neither where to write the import parameters nor to return them. Set dest, or"
            " return_bundles: true."
        )
    return Export(
        key=key,
        paths=paths,
        region=region_of_key(key, forwarded),
        wrapping_algorithm=given.get("wrapping_algorithm"),
        wrapping_key_spec=given["wrapping_key_spec"],
        wrapping_key_trust=given["wrapping_key_trust"],
        check_mode=bool(action._task.check_mode),
    )


def _refuse_same_files(paths: Sequence[Path]) -> None:
    taken: set[Path] = set()
    for path in paths:
        if path in taken:
            raise Refusal(f"Two things would be written to {path}. Name different files.")
        taken.add(path)

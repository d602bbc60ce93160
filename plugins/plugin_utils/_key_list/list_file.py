# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A list of keys in a file: YAML or CSV, depending on its name. Pure: from bytes."""

from __future__ import annotations

from ...module_utils._errors import Refusal
from .csv_list import read_csv
from .given import KeyList
from .yaml_list import read_yaml

__all__ = ("read_list",)

_READERS = {".yml": read_yaml, ".yaml": read_yaml, ".csv": read_csv}


def read_list(content: bytes, name: str) -> KeyList:
    """The list as it is written, with the errors in its form.

    :param name: of the file, as the task sets it; its extension determines the format.
    :raises Refusal: the file cannot be read, or does not contain a list of keys.
    """
    reader = next((read for end, read in _READERS.items() if name.lower().endswith(end)), None)
    if reader is None:
        raise Refusal(
            f"kms_keys_src is {name}, but must end with .yml or .yaml for YAML, or with .csv for CSV. Rename the file."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refusal(
            f"{name}, line {line}: the file is not UTF-8. Save it as UTF-8; spreadsheets call this format CSV UTF-8."
        ) from None
    keys = reader(text, name)
    if not keys.entries and not keys.faults:
        raise Refusal(
            f"{name} has no keys. Add at least one key: the task would otherwise succeed without managing any key."
        )
    return keys

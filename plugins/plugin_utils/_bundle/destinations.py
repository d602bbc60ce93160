# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The files that the import parameters of one key go into: what is there is looked at before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...module_utils._errors import Refusal
from .._controller.files import read_if_there, refuse_destination, write_controller_file
from .._cryptography.wrapping import refuse_overwriting_public_key
from .contents import Bundle, ImportParameters
from .file import BundleError, is_of_format

__all__ = ("DESTINATIONS", "existing_bundle", "read_existing", "refuse_overwriting", "write_files")

DESTINATIONS = ("dest", "public_key_dest", "import_token_dest")
"""The options that name them: for the bundle, and for two parts of it alone."""


def read_existing(paths: Mapping[str, Path], *, check_mode: bool) -> dict[str, bytes | None]:
    """What is in the places of the files; None for nothing.

    :param paths: by :data:`DESTINATIONS`.
    :raises Refusal: no file can be written there, or what is there might be somebody's only copy of something.
    """
    existing: dict[str, bytes | None] = {}
    for option, path in paths.items():
        refuse_destination(path, option, check_mode=check_mode)
        existing[option] = read_if_there(path)
    for option, path in paths.items():
        if option == "dest":
            refuse_overwriting(existing[option], ImportParameters, path)
        elif option == "public_key_dest":
            refuse_overwriting_public_key(existing[option], path)
        else:
            _refuse_overwriting_token(existing[option], existing_bundle(existing.get("dest")), path)
    return existing


def write_files(
    bundle: ImportParameters, paths: Mapping[str, Path], existing: Mapping[str, bytes | None], written: list[str]
) -> None:
    """:param existing: as :func:`read_existing` found it.
    :param written: the options whose files are written are added to it.
    :raises Refusal: one of the files cannot be written, or is no longer as it was.
    """
    contents = (bundle.content, bundle.wrapping_public_key, bundle.import_token)
    for option, content in zip(DESTINATIONS, contents, strict=True):
        if option in paths:
            write_controller_file(paths[option], content, existing[option])
            written.append(option)


def refuse_overwriting(content: bytes | None, kind: type[Bundle], path: Path) -> None:
    """:raises Refusal: the file that is there is none of ours, and might be somebody's only copy of something."""
    if content is not None and not is_of_format(content, kind.FORMAT):
        raise Refusal(
            f"{path} is there, and is not a bundle of the format {kind.FORMAT}. It is not overwritten. Remove it, or"
            " name another file."
        )


def existing_bundle(content: bytes | None) -> ImportParameters | None:
    """The bundle that is there, whatever it is still good for."""
    try:
        return None if content is None else ImportParameters.from_content(content, "The bundle")
    except BundleError:
        return None


def _refuse_overwriting_token(content: bytes | None, bundle: ImportParameters | None, path: Path) -> None:
    """Nothing but the bundle beside it recognizes an import token."""
    if content is not None and (bundle is None or content != bundle.import_token):
        raise Refusal(
            f"{path} is there, and is not the import token of the bundle in dest. It is not overwritten. Remove it, or"
            " name another file."
        )

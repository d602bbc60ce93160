# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The files for the import parameters of one key: existing files are checked before anything is written."""

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
"""The options that name the files: for the bundle, and for two of its parts alone."""


def read_existing(paths: Mapping[str, Path], *, check_mode: bool) -> dict[str, bytes | None]:
    """The content of existing files; None for no file.

    :param paths: by :data:`DESTINATIONS`.
    :raises Refusal: no file can be written there, or the existing file may be the only copy of something.
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
    """:param existing: the result of :func:`read_existing`.
    :param written: extended by the options whose files are written.
    :raises Refusal: a file cannot be written, or has changed.
    """
    contents = (bundle.content, bundle.wrapping_public_key, bundle.import_token)
    for option, content in zip(DESTINATIONS, contents, strict=True):
        if option in paths:
            write_controller_file(paths[option], content, existing[option])
            written.append(option)


def refuse_overwriting(content: bytes | None, kind: type[Bundle], path: Path) -> None:
    """:raises Refusal: the existing file is not a bundle, and may be the only copy of something."""
    if content is not None and not is_of_format(content, kind.FORMAT):
        raise Refusal(
            f"{path} already exists and is not a {kind.FORMAT} bundle; it was not overwritten. Remove it, or choose"
            " another path."
        )


def existing_bundle(content: bytes | None) -> ImportParameters | None:
    """The existing bundle, even if it has expired."""
    try:
        return None if content is None else ImportParameters.from_content(content, "The bundle")
    except BundleError:
        return None


def _refuse_overwriting_token(content: bytes | None, bundle: ImportParameters | None, path: Path) -> None:
    """:raises Refusal: the existing file is not the import token of *bundle*, the only way to recognize one."""
    if content is not None and (bundle is None or content != bundle.import_token):
        raise Refusal(
            f"{path} already exists and is not the import token of the bundle in dest; it was not overwritten."
            " Remove it, or choose another path."
        )

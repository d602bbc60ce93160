# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Bundles on the controller, from a file or a value. A bundle is refused if its check code is not the expected one."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from ansible.plugins.action import ActionBase

from ...module_utils._errors import Refusal
from ...module_utils._key.expiration import format_time
from .._controller.files import (
    find_controller_file,
    read_controller_file,
    read_neighbors,
)
from .contents import Bundle
from .file import (
    BundleError,
    content_of,
    has_check_code,
)

__all__ = ("read_bundle",)

_Bundle = t.TypeVar("_Bundle", bound=Bundle)
# The parts of a refused file that may be displayed. An attacker may have chosen every text in it, and its name, so that
# a user types what is displayed. Text that matches these patterns cannot be taken for a check code.
_KEY_ARN = re.compile(r"arn:aws[a-z-]{0,12}:kms:[a-z0-9-]{1,32}:[0-9]{12}:key/(?:mrk-)?[0-9a-f-]{32,36}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LIKE_A_CODE = re.compile(r"(?:[A-Za-z2-7]{4}[^A-Za-z2-7]?){5}")


def read_bundle(
    action: ActionBase,
    kind: type[_Bundle],
    name: str,
    options: Mapping[str, t.Any],
    values: Mapping[str, t.Any],
) -> tuple[_Bundle, str]:
    """A bundle from a file or a value, and its name for messages.

    :param name: the option with the value; the option with the file ends in ``_src``.
    :raises Refusal: it cannot be read, is incomplete, or does not match expected_check_code.
    """
    src = options.get(f"{name}_src")
    what = f"The bundle {src}" if src else f"The value of {name}"
    expected = options.get("expected_check_code")
    content = read_controller_file(action, src) if src else content_of(values[name], what)
    # An empty code is a wrong code: a variable that was not filled in must not disable the comparison.
    if expected is None or has_check_code(content, expected):
        return kind.from_content(content, what), what
    neighbors = read_neighbors(find_controller_file(action, src), "*.json") if src else {}
    raise Refusal(_explain_other_code(kind, content, expected, what, neighbors))


def _explain_other_code(
    kind: type[Bundle], content: bytes, expected: str, what: str, neighbors: Mapping[str, bytes]
) -> str:
    """Explain why this is not the file with the expected code.

    Its own code is not displayed: it would be typed in place of the right one, which would defeat the comparison.

    :param neighbors: the other files in its directory, by name.
    """
    beside = next((name for name, other in neighbors.items() if has_check_code(other, expected)), None)
    if beside is not None:
        harmless = _NAME.fullmatch(beside) and not _LIKE_A_CODE.search(beside)
        difference = f"The expected code belongs to {beside if harmless else 'another file'} in the same directory."
    else:
        try:
            bundle = kind.from_content(content, "It")
        except BundleError as error:
            difference = error.sentence
        else:
            key = f"the key {bundle.key_arn}" if _KEY_ARN.fullmatch(bundle.key_arn) else "a key whose ARN is not shown"
            difference = (
                f"It claims to be for {key}, with an import token that is valid until"
                f" {format_time(bundle.parameters_valid_to)}. If either is wrong, files were mixed up or created"
                " again; otherwise, an attacker may have planted this file."
            )
    return (
        f"{what} does not match expected_check_code, so it was not used. {difference} Find the right file, or ask"
        " the person who created it to read its code to you again."
    )

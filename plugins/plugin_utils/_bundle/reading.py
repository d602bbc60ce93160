# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Bundles on the controller: from a file or a value, and refused unless they are the one whose code was given."""

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
    read_neighbours,
)
from .contents import Bundle
from .file import (
    BundleError,
    content_of,
    has_check_code,
)

__all__ = ("read_bundle",)

_Bundle = t.TypeVar("_Bundle", bound=Bundle)
# What is shown of a file that was refused. The person who planted it may have chosen every text in it, and its name, so
# that somebody types what is shown. Nothing of these forms can be taken for a check code.
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
    """A bundle from a file or a value, and what to call it in a sentence.

    :param name: the option with the value; that of the file ends in ``_src``.
    :raises Refusal: it cannot be read, is not whole, or not the one that expected_check_code is of.
    """
    src = options.get(f"{name}_src")
    what = f"The bundle {src}" if src else f"The value of {name}"
    expected = options.get("expected_check_code")
    content = read_controller_file(action, src) if src else content_of(values[name], what)
    # An empty code is a wrong one: a variable that nobody filled in must not turn the comparison off.
    if expected is None or has_check_code(content, expected):
        return kind.from_content(content, what), what
    neighbours = read_neighbours(find_controller_file(action, src), "*.json") if src else {}
    raise Refusal(_explain_other_code(kind, content, expected, what, neighbours))


def _explain_other_code(
    kind: type[Bundle], content: bytes, expected: str, what: str, neighbours: Mapping[str, bytes]
) -> str:
    """Why this is not the file that the expected code is of.

    Its own code is not shown: it would be typed in the place of the right one, and then the comparison is none.

    :param neighbours: the files beside it, by their names.
    """
    beside = next((name for name, other in neighbours.items() if has_check_code(other, expected)), None)
    if beside is not None:
        harmless = _NAME.fullmatch(beside) and not _LIKE_A_CODE.search(beside)
        difference = f"The expected code is that of {beside if harmless else 'another file'} in the same folder."
    else:
        try:
            bundle = kind.from_content(content, "It")
        except BundleError as error:
            difference = error.sentence
        else:
            key = f"the key {bundle.key_arn}" if _KEY_ARN.fullmatch(bundle.key_arn) else "a key whose ARN is not shown"
            difference = (
                f"It says that it is for {key}, and that KMS takes its import token until"
                f" {format_time(bundle.parameters_valid_to)}. If either is not as it should be, files were mixed up or"
                " made again; otherwise somebody may have put this one there."
            )
    return (
        f"{what} is not the file that expected_check_code is the code of, so it was not used. {difference} Find the"
        " right file, or have its code read to you again by the person who made it."
    )

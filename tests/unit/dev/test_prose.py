# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules for wording in dev/prose.toml find what they are written for, and accept the replacement."""

from __future__ import annotations

import tomllib

import prose
import pytest
from layout import ROOT

RULES = prose.compiled(tomllib.loads((ROOT / "dev" / "prose.toml").read_text("utf-8"))["words"])


def _found(text: str) -> list[str]:
    return [expression for _line, expression, _instead in prose.wordings(text, RULES)]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("Whoever has it, reads it.", "Whoever"),
        ("the key material in plain", "in plain"),
        ("That goes without saying.", "goes without saying"),
        ("Now in earnest", "in earnest"),
        ("a RSA_3072 key", "a RSA_3072"),
        ("a V(RSA_3072) key", "a V(RSA_3072"),
        ("an KMS key", "an KMS"),
        ("holds this very material", "this very"),
        ("It says beforehand", "beforehand"),
        ("and from then on checks it", "from then on"),
        ("the the key", "the the"),
    ],
)
def test_an_expression_to_avoid_is_found(text: str, expression: str) -> None:
    found = _found(text)
    assert [expression.startswith(words) for words in found] == [True], found


@pytest.mark.parametrize(
    "text",
    [
        "the plaintext key material",
        "in plain text",
        "an RSA_3072 key",
        "a wrapping public key",
        "a MAC, a KMS key",
        "def whoever_it_is() -> None:",
        "very large",
    ],
)
def test_a_replacement_is_accepted(text: str) -> None:
    assert _found(text) == []


@pytest.mark.parametrize("mark", ["#", " ", ">"])
def test_an_expression_is_found_across_lines(mark: str) -> None:
    (finding,) = prose.wordings(f"one\n{mark} goes without\n{mark} saying", RULES)
    assert finding[0] == 2

# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declaration of a task."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._material.wanted import Wanted


@pytest.mark.parametrize(
    ("material", "declared", "effective"),
    [
        ("given", None, "fail"),
        ("wrapped", None, "accept"),
        ("none", None, "accept"),
        ("given", "reimport", "reimport"),
        ("wrapped", "fail", "fail"),
    ],
)
def test_what_is_done_where_nothing_tells_what_kms_holds(material: str, declared: str | None, effective: str) -> None:
    """Of plaintext it can always be found out; a ciphertext can be compared with its own label alone."""
    assert Wanted(material=material, on_unknown_material=declared).unknown_material == effective

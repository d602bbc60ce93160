# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates that are not evaluated before a job runs, and the detection of lists."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._awx.values import braces, is_list


def test_a_template() -> None:
    assert braces("a | b") == "{{ a | b }}"


@pytest.mark.parametrize(("value", "expected"), [([], True), ((1,), True), ("ab", False), (b"a", False), ({}, False)])
def test_what_is_a_list(value: object, expected: bool) -> None:
    assert is_list(value) is expected

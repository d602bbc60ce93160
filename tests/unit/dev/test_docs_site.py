# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index that antsibull-docs generates becomes the reference; its list of guides moves to the home page."""

from __future__ import annotations

import docs_site
import pytest
from work import Failed

INDEX = """.. _plugins_in_cloudkeys.aws:

Cloudkeys.Aws
=============

Collection version 0.1.0

Guides
------

.. toctree::
    :maxdepth: 1

    docsite/guide_quickstart
    docsite/guide_fleet

Playbooks
---------

Plugin Index
------------
"""


def test_the_list_of_guides_is_split_off() -> None:
    guides, reference = docs_site.split_index(INDEX)
    assert guides.split() == ["..", "toctree::", ":maxdepth:", "1", "docsite/guide_quickstart", "docsite/guide_fleet"]
    assert "\nReference\n=========\n" in reference
    assert reference.index("Collection version") < reference.index("Playbooks\n") < reference.index("Plugin Index\n")
    assert "Guides" not in reference
    assert "Cloudkeys.Aws" not in reference


@pytest.mark.parametrize("part", ["Guides\n------\n", "Cloudkeys.Aws\n============="], ids=["guides", "title"])
def test_another_index_than_expected_fails(part: str) -> None:
    with pytest.raises(Failed, match="antsibull-docs"):
        docs_site.split_index(INDEX.replace(part, ""))

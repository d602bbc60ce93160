# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of a key material: the user's text, and the label after it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._material_label import (
    LABEL_PREFIX,
    MAXIMUM_DESCRIPTION,
    DescriptionError,
    join_description,
    split_description,
)

FINGERPRINT = "0123456789abcdef" * 2
LABEL = LABEL_PREFIX + FINGERPRINT
# KeyMaterialDescription in the API model.
KMS_PATTERN = re.compile(r"[a-zA-Z0-9:/_\s.-]+", re.ASCII)
texts = st.text(alphabet="abzAZ09:/_ \t\n.-", max_size=200)
fingerprints = st.one_of(st.none(), st.text(alphabet="0123456789abcdef", min_size=32, max_size=32))


@given(texts, fingerprints)
def test_what_is_joined_is_split_again(text: str, fingerprint: str | None) -> None:
    joined = join_description(text, fingerprint)
    assert split_description(joined) == (text.strip(), fingerprint)
    assert len(joined) <= MAXIMUM_DESCRIPTION
    assert not joined or KMS_PATTERN.fullmatch(joined)


@given(st.text())
def test_any_text_is_accepted_or_refused_with_a_sentence(text: str) -> None:
    sentence = "key_material_description"
    try:
        assert split_description(join_description(text, FINGERPRINT))[1] == FINGERPRINT
    except DescriptionError as error:
        sentence = str(error)
    assert "key_material_description" in sentence


@pytest.mark.parametrize(
    ("description", "text", "fingerprint"),
    [
        (None, "", None),
        ("", "", None),
        ("payments", "payments", None),
        (LABEL, "", FINGERPRINT),
        (f"payments {LABEL}", "payments", FINGERPRINT),
        (f"payments {LABEL} ", "payments", FINGERPRINT),
        (f"payments{LABEL}", f"payments{LABEL}", None),
        (f"{LABEL} payments", f"{LABEL} payments", None),
        (LABEL.upper(), LABEL.upper(), None),
        (LABEL[:-1], LABEL[:-1], None),
        (f"{LABEL} {LABEL}", LABEL, FINGERPRINT),
    ],
)
def test_where_a_label_is(description: str | None, text: str, fingerprint: str | None) -> None:
    assert split_description(description) == (text, fingerprint)


@pytest.mark.parametrize(
    ("text", "told"), [("a,b", "','"), ("é", "'é'"), ("x" * 208, "room for 206"), (LABEL, "ends in a label")]
)
def test_descriptions_that_are_refused(text: str, told: str) -> None:
    with pytest.raises(DescriptionError, match=re.escape(told)):
        join_description(text, FINGERPRINT)

# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of key material: the user's text, followed by the label."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import OptionError
from ansible_collections.cloudkeys.aws.plugins.module_utils._key.material_label import (
    MAXIMUM_DESCRIPTION,
    ciphertext_label,
    fingerprint_label,
    join_description,
    names_ciphertext,
    split_description,
)

LABEL = "cloudkeys.aws/v1:" + "0123456789abcdef" * 2
OF_CIPHERTEXT = "cloudkeys.aws/v1c:" + "0123456789abcdef" * 2
# KeyMaterialDescription in the API model.
KMS_PATTERN = re.compile(r"[a-zA-Z0-9:/_\s.-]+", re.ASCII)
texts = st.text(alphabet="abzAZ09:/_ \t\n.-", max_size=200)
labels = st.one_of(
    st.none(),
    st.text(alphabet="0123456789abcdef", min_size=32, max_size=32).map(fingerprint_label),
    st.binary(max_size=600).map(ciphertext_label),
)


@given(texts, labels)
def test_what_is_joined_is_split_again(text: str, label: str | None) -> None:
    joined = join_description(text, label)
    assert split_description(joined) == (text.strip(), label)
    assert len(joined) <= MAXIMUM_DESCRIPTION
    assert not joined or KMS_PATTERN.fullmatch(joined)


@given(st.text())
def test_any_text_is_accepted_or_refused_with_a_sentence(text: str) -> None:
    sentence = "key_material_description"
    try:
        assert split_description(join_description(text, LABEL))[1] == LABEL
    except OptionError as error:
        sentence = str(error)
    assert "key_material_description" in sentence


@pytest.mark.parametrize(
    ("description", "text", "label"),
    [
        (None, "", None),
        ("", "", None),
        ("payments", "payments", None),
        (LABEL, "", LABEL),
        (f"payments {LABEL}", "payments", LABEL),
        (f"payments {LABEL} ", "payments", LABEL),
        (f"payments{LABEL}", f"payments{LABEL}", None),
        (f"{LABEL} payments", f"{LABEL} payments", None),
        (LABEL.upper(), LABEL.upper(), None),
        (LABEL[:-1], LABEL[:-1], None),
        (f"{LABEL} {LABEL}", "", LABEL),
        (f"{LABEL} {OF_CIPHERTEXT}", "", OF_CIPHERTEXT),
        (f"payments {OF_CIPHERTEXT} {LABEL}", "payments", LABEL),
        (OF_CIPHERTEXT.replace("v1c", "v2"), OF_CIPHERTEXT.replace("v1c", "v2"), None),
    ],
)
def test_where_a_label_is(description: str | None, text: str, label: str | None) -> None:
    assert split_description(description) == (text, label)


def test_the_label_of_a_ciphertext() -> None:
    """The digest is SHA-256 of "abc" (FIPS 180-2, appendix B.1)."""
    assert ciphertext_label(b"abc") == "cloudkeys.aws/v1c:ba7816bf8f01cfea414140de5dae2223"
    assert names_ciphertext(ciphertext_label(b"abc"))
    assert not names_ciphertext(LABEL)


@pytest.mark.parametrize(
    ("text", "told"), [("a,b", "','"), ("é", "'é'"), ("x" * 208, "at most 206"), (LABEL, "ends with a label")]
)
def test_descriptions_that_are_refused(text: str, told: str) -> None:
    with pytest.raises(OptionError, match=re.escape(told)):
        join_description(text, LABEL)

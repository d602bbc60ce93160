# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The format of a bundle's file: content that was changed is not accepted as a bundle."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.file import (
    BundleError,
    check_code,
    content_of,
    has_check_code,
    is_of_format,
    open_bundle,
    serialize,
)

FORMAT = "cloudkeys.aws/test/v1"
values = st.dictionaries(st.text(max_size=20), st.one_of(st.none(), st.text(max_size=40)), max_size=6).map(
    lambda found: {name: value for name, value in found.items() if name != "sha256"} | {"format": FORMAT}
)


@given(values)
def test_what_was_sealed_is_opened(sealed: dict[str, str | None]) -> None:
    assert open_bundle(serialize(sealed), FORMAT, "It") == sealed


@given(values, st.data())
def test_no_altered_byte_goes_unnoticed(sealed: dict[str, str | None], data: st.DataObject) -> None:
    content = bytearray(serialize(sealed))
    place = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255))
    assume(byte != content[place])
    content[place] = byte
    with pytest.raises(BundleError):
        open_bundle(bytes(content), FORMAT, "It")


@given(values, st.data())
def test_nothing_can_be_cut_off_or_added(sealed: dict[str, str | None], data: st.DataObject) -> None:
    content = serialize(sealed)
    cut = data.draw(st.integers(0, len(content) - 1))
    more = data.draw(st.binary(min_size=1, max_size=4))
    for other in (content[:cut], content + more, more + content):
        with pytest.raises(BundleError):
            open_bundle(other, FORMAT, "It")


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda content: content + b"\n",
        lambda content: json.dumps(json.loads(content), indent=1).encode(),
        lambda content: json.dumps(dict(reversed(json.loads(content).items())), separators=(",", ":")).encode(),
        lambda content: content.replace(b'{"', b'{"a":"1","a":"2","', 1),
        lambda content: content.decode().encode("utf-16"),
    ],
    ids=["newline", "indented", "other order", "a key twice", "UTF-16"],
)
def test_the_same_json_in_other_bytes_is_damage(rewrite: Callable[[bytes], bytes]) -> None:
    content = serialize({"format": FORMAT, "key": "value"})
    with pytest.raises(BundleError, match=r"^It is (damaged|not a bundle)"):
        open_bundle(rewrite(content), FORMAT, "It")


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'{"format":7}', b"[" * 60_000, b"\xff\xfe", b"1" * 50_000])
def test_what_is_no_bundle(content: bytes) -> None:
    with pytest.raises(BundleError, match=r"^It is not a bundle"):
        open_bundle(content, FORMAT, "It")


def test_another_format_is_named() -> None:
    with pytest.raises(BundleError, match=r"of format cloudkeys.aws/import-parameters/v1, but a bundle of format"):
        open_bundle(serialize({"format": "cloudkeys.aws/import-parameters/v1"}), FORMAT, "It")


@given(st.binary(max_size=200))
def test_the_check_code_is_that_of_the_bytes(content: bytes) -> None:
    """The code is computed from the first 100 bits of the digest, five bits at a time."""
    bits = bin(int.from_bytes(b"\1" + hashlib.sha256(content).digest(), "big"))[3:103]
    letters = ["ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[int(bits[start : start + 5], 2)] for start in range(0, 100, 5)]
    assert check_code(content) == "-".join("".join(letters[start : start + 4]) for start in range(0, 20, 4))


def test_the_check_code_of_a_known_digest() -> None:
    """The SHA-256 digest of "abc" is the example in FIPS 180-4. coreutils encoded it in base32."""
    digest = bytes.fromhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    shown = subprocess.run(["base32", "-w0"], input=digest, capture_output=True, check=True).stdout.decode()
    assert check_code(b"abc").replace("-", "") == shown[:20]


@given(st.binary(max_size=50), st.lists(st.sampled_from([" ", "-", "\n"]), max_size=3), st.booleans())
def test_how_a_code_is_typed_does_not_matter(content: bytes, between: list[str], lower: bool) -> None:
    typed = "".join(between).join(check_code(content).split("-"))
    assert has_check_code(content, typed.lower() if lower else typed)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_another_file_has_another_code(content: bytes, other: bytes) -> None:
    assert has_check_code(content, check_code(other)) == (content == other)


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "A2BC-3DEF-GHI4-JKL5-MNO", "A2BC-3DEF-GHI4-JKL5-MNO61", "0" * 20, "None"]
)
def test_what_is_no_code(typed: str) -> None:
    with pytest.raises(BundleError, match="is not a check code"):
        has_check_code(b"", typed)


def test_an_unknown_format_name_is_not_displayed() -> None:
    """The file can be from any source, and a terminal executes control characters."""
    for text in ("a password", "cloudkeys.aws/\x1b[2J/v1", "cloudkeys.aws/a2bc-3def-ghi4-jkl5-mno6/v1"):
        with pytest.raises(BundleError) as caught:
            open_bundle(serialize({"format": text}), FORMAT, "It")
        assert text not in str(caught.value)
        assert "of format unknown to this collection" in str(caught.value)


def test_only_the_format_counts_for_what_it_is() -> None:
    content = serialize({"format": FORMAT})
    assert is_of_format(content, FORMAT)
    assert is_of_format(content + b" ", FORMAT), "damaged"
    for other in (b"", b"[]", b"{}", b"[" * 60_000, content[:-1], b"\xff", b"key=" + content):
        assert not is_of_format(other, FORMAT)


@given(values)
def test_a_value_is_the_file_again(sealed: dict[str, str | None]) -> None:
    """The value can be text, or the result of a template."""
    content = serialize(sealed)
    assert content_of(content.decode(), "It") == content
    assert content_of(json.loads(content), "It") == content


@pytest.mark.parametrize("value", [None, 7, [1], {"a": b"1"}, "ä"])
def test_what_is_no_value_of_a_bundle(value: object) -> None:
    with pytest.raises(BundleError, match=r"^It is not a bundle"):
        content_of(value, "It")

# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw key material: no possible key is refused, and no message leads to an import of a key's text."""

from __future__ import annotations

import base64
import os
import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._key.specs import KEY_SPECS
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.key_material import KeyMaterialError

from ..key_files import RAW, parse, random_bytes

PRINTABLE = string.printable.encode()
HMAC = [name for name in RAW if name.startswith("HMAC")]
ENCODERS = {
    "base64": base64.b64encode,
    "base64 in lines": base64.encodebytes,
    "hex": lambda content: content.hex().encode(),
    "HEX": lambda content: content.hex().upper().encode() + b"\r\n",
    "hex with colons": lambda content: content.hex(":").encode(),
}
FORM = {name: name.partition(" ")[0].lower() for name in ENCODERS}
HEX, BASE32 = b"0123456789abcdefABCDEF", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567="
raw_specs = st.sampled_from(list(RAW))
encoders = st.sampled_from(list(ENCODERS))


def _random(content: bytes) -> bool:
    return len(set(content)) > 1 and not all(byte in PRINTABLE for byte in content)


def _encoded(content: bytes, encoder: str) -> bytes:
    """Exclude base64 that is also hex or base32, which occurs for keys of zeros, which Hypothesis often generates."""
    text = ENCODERS[encoder](content)
    digits = set(b"".join(text.split()))
    assume(FORM[encoder] == "hex" or not any(digits <= set(others) for others in (HEX, BASE32)))
    return text


def refusal(content: bytes, key_spec: str, form: str = "auto") -> str:
    with pytest.raises(KeyMaterialError) as caught:
        parse(content, key_spec, form)
    return str(caught.value)


@settings(deadline=None)
@given(data=st.data(), key_spec=raw_specs)
def test_auto_takes_every_random_key_of_the_exact_length(data: st.DataObject, key_spec: str) -> None:
    content = data.draw(st.binary(min_size=RAW[key_spec], max_size=RAW[key_spec]).filter(_random))
    assert parse(content, key_spec).data == content


@settings(deadline=None)
@given(data=st.data(), key_spec=raw_specs, end=st.sampled_from([b"\n", b"\r\n"]))
def test_auto_takes_a_newline_that_is_the_last_byte_of_the_key(data: st.DataObject, key_spec: str, end: bytes) -> None:
    length = RAW[key_spec] - len(end)
    content = data.draw(st.binary(min_size=length, max_size=length).filter(_random)) + end
    assert parse(content, key_spec).data == content


@settings(deadline=None)
@given(data=st.data(), key_spec=raw_specs, end=st.sampled_from([b"\n", b"\r\n"]))
def test_auto_refuses_a_newline_after_the_key(data: st.DataObject, key_spec: str, end: bytes) -> None:
    content = data.draw(st.binary(min_size=RAW[key_spec], max_size=RAW[key_spec]).filter(_random)) + end
    told = refusal(content, key_spec)
    assert f"has {len(content)} bytes, the last of which is a newline" in told
    assert f"requires exactly {RAW[key_spec]}" in told
    assert "Give the file without it" in told
    assert "raw" not in told, "it would make the newline part of the key"


@settings(deadline=None)
@given(data=st.data(), key_spec=raw_specs, encoder=encoders)
def test_encoded_material_of_every_length_that_kms_takes(data: st.DataObject, key_spec: str, encoder: str) -> None:
    spec = KEY_SPECS[key_spec]
    content = data.draw(st.binary(min_size=spec.minimum_length or 0, max_size=spec.maximum_length).filter(_random))
    assert parse(_encoded(content, encoder), key_spec, FORM[encoder]).data == content


@settings(deadline=None)
@given(content=st.binary(min_size=1, max_size=140), key_spec=raw_specs, encoder=encoders)
def test_no_refusal_of_what_was_decoded_suggests_raw(content: bytes, key_spec: str, encoder: str) -> None:
    assume(len(content) not in range(RAW[key_spec], (KEY_SPECS[key_spec].maximum_length or 0) + 1))
    assert "raw" not in refusal(ENCODERS[encoder](content), key_spec, FORM[encoder])


@settings(deadline=None)
@given(data=st.data(), key_spec=raw_specs, encoder=encoders)
def test_auto_names_the_encoding_and_no_other(data: st.DataObject, key_spec: str, encoder: str) -> None:
    content = data.draw(st.binary(min_size=RAW[key_spec], max_size=RAW[key_spec]).filter(_random))
    told = refusal(_encoded(content, encoder), key_spec)
    assert f"could be the {FORM[encoder]} of {RAW[key_spec]} bytes." in told
    assert f"key_material_format: {FORM[encoder]}." in told


@settings(deadline=None)
@given(data=st.data(), key_spec=raw_specs)
def test_hex_is_never_read_as_base64(data: st.DataObject, key_spec: str) -> None:
    """Every hex text of four, eight, ... digits is also base64, of one and a half times as many bytes."""
    spec = KEY_SPECS[key_spec]
    content = data.draw(st.binary(min_size=RAW[key_spec] * 2 // 3, max_size=spec.maximum_length))
    assume(len(content) >= 16)
    assert "Set it to hex" in refusal(content.hex().encode(), key_spec, "base64")


@pytest.mark.parametrize("inner", ["base64", "hex"])
@pytest.mark.parametrize("outer", ["base64", "hex"])
@pytest.mark.parametrize("length", [16, 24, 28, 32, 48])
@pytest.mark.parametrize("key_spec", RAW)
def test_what_was_encoded_twice_is_not_the_key(key_spec: str, length: int, outer: str, inner: str) -> None:
    """In some cases, the inner text has a valid length for the key."""
    content = ENCODERS[outer](ENCODERS[inner](random_bytes(length)))
    assert f"itself the {inner} of {length} bytes: it was encoded twice" in refusal(content, key_spec, outer)


@pytest.mark.parametrize("key_spec", HMAC[:-1])
def test_two_hex_keys_in_one_file_are_not_one(key_spec: str) -> None:
    line = ENCODERS["hex"](random_bytes(RAW[key_spec])) + b"\n"
    assert "has 2 lines, each of which is a complete key in hex" in refusal(line * 2, key_spec, "hex")


def test_hex_may_be_broken_into_lines() -> None:
    """For example, xxd -p prints several lines."""
    content = random_bytes(128)
    lines = [content[start : start + 30].hex() for start in range(0, 128, 30)]
    assert parse("\n".join(lines).encode(), "HMAC_256", "hex").data == content


@pytest.mark.parametrize("form", ["auto", "base64"])
def test_base32_is_not_read_as_base64(form: str) -> None:
    told = refusal(base64.b32encode(random_bytes(64)), "HMAC_512", form)
    assert "base32" in told or "not hex or base64" in told


@pytest.mark.parametrize("key_spec", HMAC)
def test_text_that_was_encoded_once_may_be_an_hmac_key(key_spec: str) -> None:
    content = (b"correct horse battery staple, and so on, " * 3)[: RAW[key_spec]]
    assert parse(base64.b64encode(content), key_spec, "base64").data == content


@pytest.mark.parametrize("padding", ["", "="])
def test_base64_for_urls_is_told_apart(padding: str) -> None:
    content = b"\xfb\xff" * 16
    text = base64.urlsafe_b64encode(content).rstrip(b"=") + padding.encode()
    assert b"-" in text
    for form in ("auto", "base64"):
        assert "base64 for URLs" in refusal(text, "HMAC_256", form)


@pytest.mark.parametrize(
    ("content", "key_spec", "suggested"),
    [
        (b"correct horse battery staple 123", "SYMMETRIC_DEFAULT", "only if these 32 characters are the key material"),
        (b"correct horse battery staple 12\n", "SYMMETRIC_DEFAULT", "only if these 32 characters and the newline"),
        (b"correct horse battery staple 1234", "SYMMETRIC_DEFAULT", None),
        (b"correct horse battery staple 1234", "HMAC_256", "only if these 33 characters are the key material"),
        (b"0123456789abcdef" * 4, "SYMMETRIC_DEFAULT", None),
        (base64.b64encode(bytes(range(32))), "SYMMETRIC_DEFAULT", None),
        (base64.b64encode(bytes(range(32))), "HMAC_256", "only if these 44 characters are the key material"),
        (b"hello", "HMAC_256", None),
    ],
)
def test_raw_is_suggested_for_text_only_where_kms_would_take_it(
    content: bytes, key_spec: str, suggested: str | None
) -> None:
    told = refusal(content, key_spec)
    if suggested is None:
        assert "raw" not in told
    else:
        assert suggested in told
        assert parse(content, key_spec, "raw").data == content


@pytest.mark.parametrize("key_spec", HMAC)
@pytest.mark.parametrize("form", ["base64", "hex"])
def test_the_shortest_and_the_longest_hmac_key(key_spec: str, form: str) -> None:
    shortest = RAW[key_spec]
    for length in (shortest, 128):
        content = random_bytes(length)
        assert parse(ENCODERS[form](content), key_spec, form).data == content
    assert f"requires {shortest} to 128" in refusal(ENCODERS[form](os.urandom(shortest - 1)), key_spec, form)
    assert "Give the hash of the key" in refusal(ENCODERS[form](os.urandom(129)), key_spec, form)

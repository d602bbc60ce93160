# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of the modules for one key, and what must not be found of each: those that work, and those that are refused."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_der_private_key,
)
from support.external_key import ExternalKey
from support.in_process import NEVER
from support.materials import SYMMETRIC, new_material

from .leaks import PASSPHRASE
from .playbooks import Project, Task, material

EXPORT, WRAP = (f"cloudkeys.aws.{name}" for name in ("kms_import_parameters", "kms_wrapped_key_material"))
LIST = "cloudkeys.aws.kms_imported_keys"
VAULT_PASSWORD = "vault-password"


@dataclass
class Secret:
    """A task, and what must not be found of it."""

    task: Task
    secrets: list[bytes]
    works: bool = True

    @property
    def module(self) -> str:
        return next(name for name in self.task if name.startswith("cloudkeys.aws."))

    @property
    def key(self) -> str:
        return str(self.task[self.module]["key_id"])


@dataclass
class Place:
    """Where a task has its files, beside those of other tasks."""

    project: Project
    kms: Any
    name: str

    def write(self, name: str, content: bytes) -> str:
        return self.project.write(f"{self.name}-{name}", content)

    def lookup(self, content: bytes) -> str:
        """As a secret manager's lookup gives it: a value that is nowhere in the playbook or the environment."""
        return "{{ lookup('ansible.builtin.file', '" + self.write("looked-up", content) + "') }}"

    def key(self, spec: str = SYMMETRIC) -> str:
        return ExternalKey.create(self.kms, spec).arn

    def task(self, spec: str, **options: Any) -> Task:
        return material(key_id=self.key(spec), **options, **NEVER)

    def offline(self, spec: str = SYMMETRIC) -> dict[str, Any]:
        """Import parameters for a new key, as a value, and where the wrapped bundle goes."""
        exported = {"bundles": [{"key_id": self.key(spec)}], "return_bundles": True}
        (told,) = self.project.run({EXPORT: exported}).ok().only["bundles"]
        return {"parameters_bundle": told["bundle"], "dest": str(self.project.folder / f"{self.name}.json")}

    def encrypt(self, name: str) -> str:
        """With Ansible Vault, in its place."""
        subprocess.run(
            ["ansible-vault", "encrypt", "--vault-password-file", VAULT_PASSWORD, f"files/{name}"],
            cwd=self.project.folder,
            env=self.project.variables(),
            check=True,
            capture_output=True,
        )
        return name


def private_number(content: bytes) -> bytes:
    key: Any = load_der_private_key(content, None)
    number: int = key.private_numbers().private_value
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def encrypted_pem(key_spec: str = "ECC_NIST_P256") -> tuple[bytes, bytes]:
    """A private key in DER, and in a PEM that PASSPHRASE opens."""
    content = new_material(key_spec)
    encryption = BestAvailableEncryption(PASSPHRASE)
    return content, load_der_private_key(content, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def file(place: Place) -> Secret:
    content = new_material(SYMMETRIC)
    return Secret(place.task(SYMMETRIC, key_material_src=place.write("k", content)), [content])


def value(place: Place) -> Secret:
    content = new_material(SYMMETRIC)
    lookup = place.lookup(base64.b64encode(content))
    return Secret(place.task(SYMMETRIC, key_material=lookup) | {"no_log": True}, [content])


def mac(place: Place) -> Secret:
    content = new_material("HMAC_512")
    return Secret(place.task("HMAC_512", key_material_src=place.write("k", content)), [content])


def der(place: Place) -> Secret:
    content = new_material("ECC_NIST_P384")
    task = place.task("ECC_NIST_P384", key_material_src=place.write("k", content))
    return Secret(task, [private_number(content)])


def encrypted_pem_and_value(place: Place) -> Secret:
    content, pem = encrypted_pem()
    options = {"key_material_src": place.write("k.pem", pem), "key_material_passphrase": place.lookup(PASSPHRASE)}
    return Secret(place.task("ECC_NIST_P256", **options) | {"no_log": True}, [private_number(content), PASSPHRASE])


def passphrase_file(place: Place) -> Secret:
    """Nothing is a value here, so the task needs no no_log."""
    content, pem = encrypted_pem()
    passphrase = place.encrypt(place.write("p", PASSPHRASE + b"\n"))
    options = {"key_material_src": place.write("k.pem", pem), "key_material_passphrase_src": passphrase}
    return Secret(place.task("ECC_NIST_P256", **options), [private_number(content), PASSPHRASE])


def wrong_passphrase_file(place: Place) -> Secret:
    content, pem = encrypted_pem()
    wrong = b"incorrect horse battery staple"
    options = {
        "key_material_src": place.write("k.pem", pem),
        "key_material_passphrase_src": place.write("p", wrong),
    }
    return Secret(place.task("ECC_NIST_P256", **options), [private_number(content), wrong], works=False)


def vault(place: Place) -> Secret:
    content = new_material(SYMMETRIC)
    return Secret(place.task(SYMMETRIC, key_material_src=place.encrypt(place.write("k", content))), [content])


def wrong_length(place: Place) -> Secret:
    content = os.urandom(33)
    return Secret(place.task(SYMMETRIC, key_material_src=place.write("k", content)), [content], works=False)


def wrong_curve(place: Place) -> Secret:
    content = new_material("ECC_NIST_P384")
    task = place.task("ECC_NIST_P256", key_material_src=place.write("k", content))
    return Secret(task, [private_number(content)], works=False)


def broken_pem(place: Place) -> Secret:
    body = base64.b64encode(os.urandom(96)).decode()
    pem = f"-----BEGIN PRIVATE KEY-----\n{body[:64]}\n{body[64:]}\n-----END PRIVATE KEY-----\n".encode()
    task = place.task("ECC_NIST_P256", key_material_src=place.write("k", pem))
    return Secret(task, [base64.b64decode(body)], works=False)


def value_in_the_clear(place: Place) -> Secret:
    content = new_material(SYMMETRIC)
    task = place.task(SYMMETRIC, key_material=place.lookup(base64.b64encode(content)))
    return Secret(task, [content], works=False)


def misspelt_option(place: Place) -> Secret:
    content = new_material(SYMMETRIC)
    task = place.task(SYMMETRIC, key_materal=place.lookup(base64.b64encode(content)))
    return Secret(task, [content], works=False)


def text_instead_of_base64(place: Place) -> Secret:
    content = b"swordfish-swordfish-swordfish-42"
    return Secret(place.task(SYMMETRIC, key_material=place.lookup(content)) | {"no_log": True}, [content], works=False)


def wrapped(place: Place) -> Secret:
    content = new_material(SYMMETRIC)
    return Secret({WRAP: {"key_material_src": place.write("k", content), **place.offline()}}, [content])


def wrapped_passphrase_file(place: Place) -> Secret:
    content, pem = encrypted_pem()
    options = {
        "key_material_src": place.write("k.pem", pem),
        "key_material_passphrase_src": place.write("p", PASSPHRASE),
        **place.offline("ECC_NIST_P256"),
    }
    return Secret({WRAP: options}, [private_number(content), PASSPHRASE])


def wrapped_value(place: Place) -> Secret:
    content = new_material("HMAC_512")
    options = {"key_material": place.lookup(base64.b64encode(content)), **place.offline("HMAC_512")}
    return Secret({WRAP: options, "no_log": True}, [content])


def wrapped_in_the_clear(place: Place) -> Secret:
    content = new_material(SYMMETRIC)
    options = {"key_material": place.lookup(base64.b64encode(content)), **place.offline()}
    return Secret({WRAP: options}, [content], works=False)


def for_another_module(place: Place) -> Secret:
    content = new_material(SYMMETRIC)
    bundles = [{"key_id": place.key(), "dest": str(place.project.folder / f"{place.name}.json")}]
    options = {"bundles": bundles, "key_material": place.lookup(base64.b64encode(content))}
    return Secret({EXPORT: options}, [content], works=False)


def key_list(place: Place) -> Secret:
    """Many keys in one task, one of which is created, and one has a passphrase."""
    content, (private, pem) = new_material(SYMMETRIC), encrypted_pem()
    encrypted = {
        "key_id": place.key("ECC_NIST_P256"),
        "key_material_src": place.write("k.pem", pem),
        "key_material_passphrase_src": place.write("p", PASSPHRASE),
    }
    created = {"alias": "created", "key_material_src": place.write("k", content)}
    return Secret(_list([encrypted, created]), [content, private_number(private), PASSPHRASE])


def key_list_with_a_fault(place: Place) -> Secret:
    content = new_material(SYMMETRIC)[1:]
    entry = {"key_id": place.key(), "key_material_src": place.write("k", content)}
    return Secret(_list([entry]), [content], works=False)


def key_list_with_values(place: Place) -> Secret:
    """A list takes none: neither by a misspelt name nor by that of the module for one key."""
    content = new_material(SYMMETRIC)
    lookup = place.lookup(base64.b64encode(content))
    entries = [{"alias": "one", "key_material": lookup}, {"alias": "two", "key_materal": lookup}]
    return Secret(_list(entries), [content], works=False)


def _list(entries: list[dict[str, Any]]) -> Task:
    return {LIST: {"kms_keys": entries, **NEVER}}


Mode = Callable[[Place], Secret]
# Where what an ansible-core does with arguments and files has a part in it, and not only the collection's own code.
EVERY_CORE: tuple[Mode, ...] = (
    file,
    value,
    vault,
    value_in_the_clear,
    misspelt_option,
    wrapped_value,
    wrapped_in_the_clear,
    key_list_with_values,
)
OTHERS: tuple[Mode, ...] = (
    mac,
    der,
    encrypted_pem_and_value,
    passphrase_file,
    wrong_passphrase_file,
    wrong_length,
    wrong_curve,
    broken_pem,
    text_instead_of_base64,
    wrapped,
    wrapped_passphrase_file,
    for_another_module,
    key_list,
    key_list_with_a_fault,
)

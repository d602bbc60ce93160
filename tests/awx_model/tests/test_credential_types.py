# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX's refusals of credential types and credentials.

Source: awx/main/fields.py (CredentialTypeInputField, CredentialTypeInjectorField, CredentialInputField),
awx/api/serializers.py (CredentialTypeSerializer, CredentialSerializer) and awx/api/views of AWX 24.6.2.dev.
"""

from __future__ import annotations

from typing import Any

import pytest

from .client import Client

_FIELD = {"id": "payments", "type": "string", "label": "Payments", "secret": True, "multiline": True}
_INPUTS = {"fields": [_FIELD, {"id": "ledger", "label": "Ledger"}]}
_INJECTORS = {
    "file": {"template.payments": "{{ payments }}"},
    "env": {"LEDGER": "{{ ledger }}"},
    "extra_vars": {"cloudkeys_files": {"payments": "{{ tower.filename.payments }}"}, "names": ["{{ ledger }}"]},
}


def _type(client: Client, **given: Any) -> int:
    wanted = {"name": "Key material", "kind": "cloud", "inputs": _INPUTS, "injectors": _INJECTORS, **given}
    return client.create("credential_types", **wanted)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"id": "my-key", "label": "x"}, "my-key is an invalid variable name"),
        ({"id": "1key", "label": "x"}, "1key is an invalid variable name"),
        ({"id": "tower", "label": "x"}, '"tower" is a reserved field name'),
        ({"id": "payments", "label": "x"}, "field IDs must be unique (payments)"),
        ({"id": "other"}, "'label' is a required property"),
        ({"id": "other", "label": "x", "type": "number"}, "'number' is not one of ['string', 'boolean']"),
        (
            {"id": "other", "label": "x", "type": "boolean", "secret": True},
            "secret not allowed for boolean type (other)",
        ),
        ({"id": "other", "label": "x", "default": True}, "True is not a string"),
        ({"id": "other", "label": 5}, "int provided in relative path ['fields', 1, 'label'], expected string"),
    ],
    ids=["hyphen", "digit", "tower", "twice", "no label", "type", "secret flag", "default", "label"],
)
def test_invalid_fields_are_refused(client: Client, field: dict[str, Any], text: str) -> None:
    inputs = {"fields": [_FIELD, field]}
    answer = client.refused(400, "POST", "credential_types/", name="x", kind="cloud", inputs=inputs)
    assert answer == {"inputs": [text]}


@pytest.mark.parametrize(
    ("injectors", "text"),
    [
        (
            {"env": {"ANSIBLE_VAULT_PASSWORD_FILE": "x"}},
            "Environment variable ANSIBLE_VAULT_PASSWORD_FILE may affect Ansible configuration so its use is not"
            " allowed in credentials.",
        ),
        ({"env": {"PATH": "x"}}, "Environment variable PATH is not allowed to be used in credentials."),
        ({"env": {"KEY": "ü"}}, r"'ü' does not match '^[\x00-\x7f]*$'"),
        (
            {"file": {"template": "x", "template.payments": "y"}},
            "Must use multi-file syntax when injecting multiple files",
        ),
        ({"extra_vars": {"key": "{{ nothing }}"}}, "key uses an undefined field ('nothing' is undefined)"),
        (
            {"extra_vars": {"key": "{{ tower.filename }}"}},
            "key uses an undefined field (Must define unnamed file injector in order to reference `tower.filename`.)",
        ),
        (
            {"extra_vars": {"keys": {"a": ["{{ nothing }}"]}}},
            "keys.a[0] uses an undefined field ('nothing' is undefined)",
        ),
        (
            {"env": {"KEY": "{{ payments"}},
            "Syntax error rendering template for KEY inside of env (unexpected end of template, expected 'end of print"
            " statement'.)",
        ),
    ],
    ids=["ansible", "blocked", "no ascii", "mixed files", "undefined", "no file", "nested", "syntax"],
)
def test_invalid_injectors_are_refused(client: Client, injectors: dict[str, Any], text: str) -> None:
    given = {"name": "x", "kind": "cloud", "inputs": _INPUTS, "injectors": injectors}
    assert client.refused(400, "POST", "credential_types/", **given) == {"injectors": [text]}


def test_a_missing_file_has_no_name(client: Client) -> None:
    injectors = {"file": {"template.payments": "x"}, "extra_vars": {"key": "{{ tower.filename.ledger }}"}}
    given = {"name": "x", "kind": "cloud", "inputs": _INPUTS, "injectors": injectors}
    (text,) = client.refused(400, "POST", "credential_types/", **given)["injectors"]
    assert text.startswith("key uses an undefined field (")
    assert text.endswith("has no attribute 'ledger')")


def test_kinds(client: Client) -> None:
    answer = client.refused(400, "POST", "credential_types/", name="x", kind="ssh", inputs={})
    assert answer == {"kind": ["Must be 'cloud' or 'net', not ssh"]}


def test_a_type_that_is_in_use_keeps_its_inputs(client: Client) -> None:
    kind = _type(client)
    organization = client.create("organizations", name="Keys")
    client.change(f"credential_types/{kind}/", inputs={"fields": [_FIELD]}, injectors={})
    client.change(f"credential_types/{kind}/", inputs=_INPUTS)
    credential = client.create("credentials", name="c", credential_type=kind, organization=organization)
    client.change(f"credential_types/{kind}/", inputs=client.get(f"credential_types/{kind}/")["inputs"], name="Renamed")
    answer = client.refused(403, "PATCH", f"credential_types/{kind}/", inputs={"fields": [_FIELD]})
    assert answer == {"detail": "Modifications to inputs are not allowed for credential types that are in use"}
    answer = client.refused(403, "DELETE", f"credential_types/{kind}/")
    assert answer == {"detail": "Credential types that are in use cannot be deleted"}
    client.delete(f"credentials/{credential}/")
    client.delete(f"credential_types/{kind}/")


def test_managed_types_cannot_be_changed(client: Client) -> None:
    machine = client.id("credential_types", "Machine")
    answer = client.refused(403, "PATCH", f"credential_types/{machine}/", name="x")
    assert answer == {"detail": "Modifications not allowed for managed credential types"}
    answer = client.refused(403, "DELETE", f"credential_types/{machine}/")
    assert answer == {"detail": "Deletion not allowed for managed credential types"}


def test_secrets_are_hidden_and_kept(client: Client) -> None:
    kind, organization = _type(client), client.create("organizations", name="Keys")
    inputs = {"payments": "c2VjcmV0", "ledger": "shown"}
    credential = client.create(
        "credentials", name="Material", credential_type=kind, organization=organization, inputs=inputs
    )
    path = f"credentials/{credential}/"
    assert client.get(path)["inputs"] == {"payments": "$encrypted$", "ledger": "shown"}
    client.change(path, inputs={"payments": "$encrypted$", "ledger": "other"})
    assert client.model.object("credentials", id=credential)["inputs"] == {"payments": "c2VjcmV0", "ledger": "other"}
    client.change(path, description="Of payments")
    assert client.model.object("credentials", id=credential)["inputs"]["payments"] == "c2VjcmV0"
    client.change(path, inputs={"payments": "", "ledger": ""})
    assert client.get(path)["inputs"] == {"ledger": ""}


@pytest.mark.parametrize(
    ("inputs", "errors"),
    [
        ({"other": "x"}, ["Additional properties are not allowed ('other' was unexpected)"]),
        ({"payments": 5}, {"payments": ["5 is not of type 'string'"]}),
        ({"payments": "$encrypted$"}, ["$encrypted$ is a reserved keyword, and cannot be used for payments."]),
    ],
    ids=["unknown", "number", "hidden"],
)
def test_invalid_inputs_are_refused(client: Client, inputs: dict[str, Any], errors: Any) -> None:
    kind, organization = _type(client), client.create("organizations", name="Keys")
    given = {"name": "c", "credential_type": kind, "organization": organization, "inputs": inputs}
    assert client.refused(400, "POST", "credentials/", **given) == {"inputs": errors}


def test_a_credential_has_an_owner(client: Client) -> None:
    kind = _type(client)
    answer = client.refused(400, "POST", "credentials/", name="c", credential_type=kind)
    assert answer == {"detail": ["Missing 'user', 'team', or 'organization'."]}


def test_a_vault_id_cannot_be_changed(client: Client) -> None:
    vault, organization = client.id("credential_types", "Vault"), client.create("organizations", name="Keys")
    inputs = {"vault_password": "ASK", "vault_id": "prod"}
    credential = client.create("credentials", name="v", credential_type=vault, organization=organization, inputs=inputs)
    assert client.get(f"credentials/{credential}/")["inputs"] == inputs
    answer = client.refused(400, "PATCH", f"credentials/{credential}/", inputs={**inputs, "vault_id": "test"})
    assert answer == {"inputs": ["Vault IDs cannot be changed once they have been created."]}
    given = {"name": "w", "credential_type": vault, "organization": organization, "inputs": {"vault_id": "a@b"}}
    assert client.refused(400, "POST", "credentials/", **given) == {
        "inputs": {"vault_id": ["'a@b' is not a 'vault_id'"]}
    }

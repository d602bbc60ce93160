# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``kms_wrapped_key_material``: everything happens here, on the controller, and nothing goes over any network."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils._errors import CloudKeysError, Refusal
from ..module_utils._key.material_label import ciphertext_label
from ..module_utils._material.options import DECLARED as MATERIAL_OPTIONS
from ..plugin_utils._bundle.contents import ImportParameters, WrappedKeyMaterial
from ..plugin_utils._bundle.file import BundleError
from ..plugin_utils._bundle.import_parameters import (
    read_min_validity,
    refuse_overwriting,
    told,
)
from ..plugin_utils._bundle.offline_wrapping import (
    judge_recorded_way,
    take_in,
    wrap_offline,
)
from ..plugin_utils._bundle.reading import read_bundle, refuse_no_code
from ..plugin_utils._controller.arguments import split_arguments, validate
from ..plugin_utils._controller.files import (
    destination,
    read_if_there,
    write_controller_file,
)
from ..plugin_utils._cryptography.key_material import KeyMaterialError
from ..plugin_utils._cryptography.wrapping import (
    public_key_file,
    refuse_overwriting_public_key,
)
from ..plugin_utils._material.sources import (
    SECRET_OPTIONS,
    read_sources,
    refuse_logged,
    take_secrets,
)

_SHARED = (
    "key_material_src",
    "key_material",
    "key_material_format",
    "key_material_passphrase_src",
    "key_material_passphrase",
    "encrypted_key_material_src",
    "encrypted_key_material",
    "expected_check_code",
    "wrapping_key_trust",
)
DECLARED: dict[str, dict[str, t.Any]] = {
    "parameters_bundle_src": {"type": "path"},
    "parameters_bundle": {"type": "raw"},
    "dest": {"type": "path"},
    "return_bundle": {"type": "bool", "default": False},
    "wrapping_public_key_dest": {"type": "path"},
    "min_validity": {"type": "str", "default": "1h"},
    **{name: MATERIAL_OPTIONS[name] for name in _SHARED},
}
_PUBLIC = {name: spec for name, spec in DECLARED.items() if name not in SECRET_OPTIONS}


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        # Before anything that could fail: a failed task shows its arguments.
        secrets = take_secrets(self._task)
        options, _none = split_arguments(self._task.args, DECLARED, frozenset())
        strangers = sorted(set(secrets) - set(DECLARED))
        if strangers:
            raise AnsibleActionFail(f"Unsupported options: {', '.join(strangers)}. They are for kms_key_material.")
        refuse_logged(secrets, bool(self._task.no_log))
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        refuse_no_code(options)
        given = validate(options, _PUBLIC)
        _refuse_combinations({name for name, value in {**given, **secrets}.items() if value not in (None, False)})
        try:
            return {**result, **self._wrap(given, secrets)}
        except (Refusal, BundleError, KeyMaterialError, CloudKeysError) as error:
            return {**result, "failed": True, "msg": str(error)}

    def _wrap(self, given: dict[str, t.Any], secrets: dict[str, t.Any]) -> dict[str, t.Any]:
        parameters, what = read_bundle(self, ImportParameters, "parameters_bundle", given, given)
        now = datetime.now(timezone.utc).replace(microsecond=0)
        remedy = "Export the import parameters again."
        parameters.refuse_expired(now, read_min_validity(given["min_validity"]), what, remedy)
        refusal, warning = judge_recorded_way(parameters, given["wrapping_key_trust"], what)
        if refusal:
            raise CloudKeysError(refusal)
        known = {**told(parameters), "key_id": parameters.key_id}
        known["parameters_check_code"] = known.pop("check_code")
        warnings = [warning] if warning else []
        if not given.get("expected_check_code"):
            warnings.append(
                f"{what} is used without expected_check_code: anyone who could replace it can read the key material"
                " that is encrypted with it. Compare the check code with the person who exported the import parameters."
            )
        if warnings:
            known["warnings"] = warnings
        if given.get("wrapping_public_key_dest"):
            return {**known, **self._hand_out(given["wrapping_public_key_dest"], parameters)}
        sources = read_sources(self, given, secrets)
        material = sources.key_material(parameters.key_spec, given["key_material_format"], parameters.region)
        dest = destination(self, given["dest"], "dest") if given.get("dest") else None
        there = read_if_there(dest) if dest else None
        refuse_overwriting(there, WrappedKeyMaterial, dest)
        # Always anew: what a file says of its own content is no proof that this key material is in it.
        if material is not None:
            bundle = wrap_offline(parameters, material)
        else:
            origin = str(given.get("encrypted_key_material_src") or "The value of encrypted_key_material")
            bundle = take_in(parameters, sources.encrypted_key_material or b"", origin)
        if self._task.check_mode:
            # It is another ciphertext each time, and so another code.
            return {**known, "changed": dest is not None, "check_code": None, "dest": _text(dest)}
        if dest is not None:
            write_controller_file(dest, bundle.content, there)
        return {
            **known,
            "changed": dest is not None,
            "check_code": bundle.check_code,
            "key_material_label": _label(bundle),
            "dest": _text(dest),
            **({"bundle": bundle.value} if given["return_bundle"] else {}),
        }

    def _hand_out(self, option: str, parameters: ImportParameters) -> dict[str, t.Any]:
        """Stops before the encryption: the wrapping public key goes to another tool."""
        path = destination(self, option, "wrapping_public_key_dest")
        content = public_key_file(parameters.wrapping_public_key, pem=path.suffix == ".pem")
        there = read_if_there(path)
        refuse_overwriting_public_key(there, path)
        changed = there != content
        if changed and not self._task.check_mode:
            write_controller_file(path, content, there)
        return {"changed": changed, "wrapping_public_key_dest": str(path)}


def _label(bundle: WrappedKeyMaterial) -> str | None:
    """What KMS's description of the key material will end with after the import."""
    if bundle.key_spec != "SYMMETRIC_DEFAULT":
        return None
    return ciphertext_label(bundle.encrypted_key_material)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _refuse_combinations(names: set[str]) -> None:
    """:param names: of the options that have a value."""

    def one_of(*alternatives: str) -> bool:
        found = [name for name in alternatives if name in names]
        if len(found) > 1:
            raise AnsibleActionFail(f"{' and '.join(found)} exclude each other. Keep one of them.")
        return bool(found)

    if not one_of("parameters_bundle_src", "parameters_bundle"):
        raise AnsibleActionFail(
            "The task gives no import parameters. Set parameters_bundle_src to a file of kms_import_parameters."
        )
    plain = ("key_material_src", "key_material")
    encrypted = ("encrypted_key_material_src", "encrypted_key_material")
    if not one_of(*plain, *encrypted, "wrapping_public_key_dest"):
        raise AnsibleActionFail(
            "The task gives no key material. Set key_material_src to a file; or wrapping_public_key_dest, to have"
            " another tool encrypt it, and then encrypted_key_material_src to what that tool made."
        )
    if one_of("key_material_passphrase_src", "key_material_passphrase") and not one_of(*plain):
        raise AnsibleActionFail(
            "key_material_passphrase_src and key_material_passphrase are for an encrypted private key in"
            " key_material_src or key_material."
        )
    if "wrapping_public_key_dest" not in names and not names & {"dest", "return_bundle"}:
        raise AnsibleActionFail(
            "The task says neither where to write the bundle nor to return it. Set dest, or return_bundle: true."
        )

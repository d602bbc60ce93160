# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from datetime import datetime, timezone

from ansible.plugins.action import ActionBase

from ..module_utils._bundle.options import WRAPPED_KEY_MATERIAL
from ..module_utils._key.material_label import ciphertext_label
from ..plugin_utils._bundle.contents import ImportParameters, WrappedKeyMaterial
from ..plugin_utils._bundle.destinations import refuse_overwriting
from ..plugin_utils._bundle.offline_wrapping import from_ciphertext, read_min_validity, wrap_offline
from ..plugin_utils._bundle.reading import read_bundle
from ..plugin_utils._controller.arguments import take_arguments, validate
from ..plugin_utils._controller.failures import failing_the_task
from ..plugin_utils._controller.files import destination, read_if_there, write_controller_file
from ..plugin_utils._cryptography.wrapping import public_key_file, refuse_overwriting_public_key
from ..plugin_utils._material.combinations import refuse_combinations_of_wrapping, refuse_no_code
from ..plugin_utils._material.sources import read_sources
from ..plugin_utils._trust import check_provenance


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    @failing_the_task
    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        arguments = take_arguments(self._task, WRAPPED_KEY_MATERIAL, frozenset())
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        refuse_no_code(arguments.options)
        given = validate(arguments.options, WRAPPED_KEY_MATERIAL)
        refuse_combinations_of_wrapping(arguments.given(given))
        parameters, known = self._read_parameters(given)
        if given.get("wrapping_public_key_dest"):
            return {**result, **known, **self._hand_out(given["wrapping_public_key_dest"], parameters)}
        return {**result, **known, **self._wrap(parameters, given, arguments.secrets)}

    def _read_parameters(self, given: Mapping[str, t.Any]) -> tuple[ImportParameters, dict[str, t.Any]]:
        """The import parameters, verified to be usable, and their fields in the result."""
        parameters, what = read_bundle(self, ImportParameters, "parameters_bundle", given, given)
        now = datetime.now(timezone.utc).replace(microsecond=0)
        remedy = "Export the import parameters again."
        parameters.refuse_expired(now, read_min_validity(given["min_validity"]), what, remedy)
        warning = check_provenance(parameters.provenance, given["wrapping_key_trust"], what)
        warnings = [warning] if warning else []
        if not given.get("expected_check_code"):
            warnings.append(
                f"{what} is used without expected_check_code: anyone who could have replaced it can read the key"
                " material that is encrypted with it. Compare the check code with the person who exported the import"
                " parameters."
            )
        known = {**parameters.summary, "key_id": parameters.key_id}
        known["parameters_check_code"] = known.pop("check_code")
        return parameters, {**known, "warnings": warnings} if warnings else known

    def _wrap(
        self, parameters: ImportParameters, given: Mapping[str, t.Any], secrets: Mapping[str, t.Any]
    ) -> dict[str, t.Any]:
        sources = read_sources(self, given, secrets)
        material = sources.key_material(parameters.key_spec, parameters.region)
        path = destination(self, given["dest"], "dest") if given.get("dest") else None
        existing = read_if_there(path) if path else None
        if path:
            refuse_overwriting(existing, WrappedKeyMaterial, path)
        # The bundle is always created again: the claims of an existing file do not prove that it contains this key
        # material.
        if material is not None:
            bundle = wrap_offline(parameters, material)
        else:
            origin = str(given.get("encrypted_key_material_src") or "The value of encrypted_key_material")
            bundle = from_ciphertext(parameters, sources.encrypted_key_material or b"", origin)
        outcome = {"changed": path is not None, "dest": None if path is None else str(path)}
        if self._task.check_mode:
            # The ciphertext, and so the code, is different each time.
            return {**outcome, "check_code": None}
        if path:
            write_controller_file(path, bundle.content, existing)
        symmetric = bundle.key_spec == "SYMMETRIC_DEFAULT"
        return {
            **outcome,
            "check_code": bundle.check_code,
            "key_material_label": ciphertext_label(bundle.encrypted_key_material) if symmetric else None,
            **({"bundle": bundle.value} if given["return_bundle"] else {}),
        }

    def _hand_out(self, dest: str, parameters: ImportParameters) -> dict[str, t.Any]:
        """Stop before the encryption, and write the wrapping public key for another tool."""
        path = destination(self, dest, "wrapping_public_key_dest")
        content = public_key_file(parameters.wrapping_public_key, pem=path.suffix == ".pem")
        existing = read_if_there(path)
        refuse_overwriting_public_key(existing, path)
        changed = existing != content
        if changed and not self._task.check_mode:
            write_controller_file(path, content, existing)
        return {"changed": changed, "wrapping_public_key_dest": str(path)}

# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``kms_import_parameters`` on the controller: what may be written where, and the files of what KMS gave.

Every run asks KMS. A file that is there is never taken for KMS's answer, because anyone who can write into the folder
could have made it, with a wrapping key of their own.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils._errors import CloudKeysError, Refusal
from ..module_utils._import_parameters.options import DECLARED
from ..module_utils._json import from_json
from ..module_utils._key.expiration import parse_time
from ..module_utils._key.facts import KeyFacts
from ..module_utils._kms.identifiers import region_of_arn
from ..plugin_utils._bundle.contents import ImportParameters
from ..plugin_utils._bundle.file import BundleError
from ..plugin_utils._bundle.import_parameters import (
    Request,
    bundle_of,
    earlier,
    refuse_overwriting,
    refuse_overwriting_token,
    request_for,
    told,
)
from ..plugin_utils._controller.arguments import (
    pin_region,
    split_arguments,
    validate,
)
from ..plugin_utils._controller.files import (
    destination,
    read_if_there,
    write_controller_file,
)
from ..plugin_utils._controller.target import Target, VisitFailed
from ..plugin_utils._cryptography.wrapping import refuse_overwriting_public_key
from ..plugin_utils._trust import Way, judge_way

MODULE = "cloudkeys.aws.kms_import_parameters"
_DESTINATIONS = ("dest", "public_key_dest", "import_token_dest")


@dataclass
class _Item:
    """One entry of ``bundles``, on its way."""

    key_id: str
    paths: dict[str, Path]
    request: Request | None = None
    bundle: ImportParameters | None = None
    there: dict[str, bytes | None] = field(default_factory=dict)
    """What is in the places of the files before anything is written."""

    @property
    def earlier(self) -> ImportParameters | None:
        return earlier(self.there.get("dest"))

    def refuse_overwriting(self) -> None:
        """:raises Refusal, CloudKeysError: what is there might be somebody's only copy of something."""
        for option, path in self.paths.items():
            content = self.there[option]
            if option == "dest":
                refuse_overwriting(content, ImportParameters, path)
            elif option == "public_key_dest":
                refuse_overwriting_public_key(content, path)
            else:
                refuse_overwriting_token(content, self.earlier, path)


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        options, forwarded = split_arguments(self._task.args, DECLARED)
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        given = validate(options, DECLARED)
        items = self._items(given)
        for item in items:
            forwarded = pin_region(item.key_id, forwarded)
        # What the module needs to know comes in controller; the list is what its argument spec asks for.
        forwarded["bundles"] = [{"key_id": item.key_id} for item in items]
        target = Target(self, MODULE, task_vars)
        try:
            return target.finish(result, self._fetch(items, given, forwarded, target))
        except VisitFailed as failed:
            return {**result, **target.told, **failed.result}
        except (Refusal, CloudKeysError, BundleError) as error:
            return target.finish(result, {"failed": True, "msg": str(error)})

    def _items(self, given: dict[str, t.Any]) -> list[_Item]:
        items, taken = [], set()
        for entry in given["bundles"]:
            paths = {option: destination(self, entry[option], option) for option in _DESTINATIONS if entry.get(option)}
            if bool(entry.get("public_key_dest")) != bool(entry.get("import_token_dest")):
                raise AnsibleActionFail(
                    f"{entry['key_id']}: public_key_dest and import_token_dest belong together; give both or none."
                )
            if not paths and not given["return_bundles"]:
                raise AnsibleActionFail(
                    f"{entry['key_id']}: the task says neither where to write the import parameters nor to return"
                    " them. Set dest, or return_bundles: true."
                )
            for path in paths.values():
                if path in taken:
                    raise AnsibleActionFail(f"Two things would be written to {path}. Name different files.")
                taken.add(path)
            items.append(_Item(entry["key_id"].strip(), paths))
        regions = {region_of_arn(item.key_id) for item in items} - {None}
        if len(regions) > 1:
            raise AnsibleActionFail(
                f"The keys are in the Regions {', '.join(sorted(map(str, regions)))}, and a task talks to one. Use a"
                " task, or a turn of a loop, for each Region."
            )
        return items

    def _fetch(
        self, items: list[_Item], given: dict[str, t.Any], forwarded: dict[str, t.Any], target: Target
    ) -> dict[str, t.Any]:
        asked = [{"key_id": item.key_id} for item in items]
        answers = target.visit({**forwarded, "controller": {"visit": "look", "keys": asked}})
        _refuse_failures(answers)
        for item, answer in zip(items, answers, strict=True):
            facts = from_json(KeyFacts, answer["facts"])
            item.request = request_for(facts, given.get("wrapping_algorithm"), given["wrapping_key_spec"])
            item.there = {option: read_if_there(path) for option, path in item.paths.items()}
            item.refuse_overwriting()
        warnings: list[str] = []
        if answers:
            refusal, warning = judge_way(Way(**answers[0]["way"]), given["wrapping_key_trust"])
            if refusal:
                raise CloudKeysError(refusal)
            warnings += [warning] if warning else []
        failures: list[dict[str, t.Any]] = []
        if not self._task.check_mode:
            failures = self._download(items, forwarded, target)
        changed = [item for item in items if item.paths and (item.bundle or self._task.check_mode)]
        outcome: dict[str, t.Any] = {
            "changed": bool(changed),
            "bundles": [_told(item, item in changed, given["return_bundles"]) for item in items],
            "diff": [_diff(item) for item in changed],
        }
        if warnings:
            outcome["warnings"] = warnings
        if failures:
            outcome.update(_failed(failures))
        return outcome

    def _download(self, items: list[_Item], forwarded: dict[str, t.Any], target: Target) -> list[dict[str, t.Any]]:
        """Puts the bundles in, and writes their files; returns the answers that are failures."""
        asked = [t.cast(Request, item.request).to_json() for item in items]
        answers = target.visit({**forwarded, "controller": {"visit": "get", "keys": asked}})
        given = [(item, answer) for item, answer in zip(items, answers, strict=True) if "failure" not in answer]
        for item, answer in given:
            bundle = bundle_of(t.cast(Request, item.request), answer["parameters"], Way(**answer["way"]))
            what = f"What came as the import parameters of {item.key_id}"
            bundle.refuse_expired(parse_time(answer["now"], "now"), timedelta(0), what, "Nothing was written.")
            item.bundle = bundle
        for item, _answer in given:
            self._write(item)
        return [answer for answer in answers if "failure" in answer]

    def _write(self, item: _Item) -> None:
        bundle = t.cast(ImportParameters, item.bundle)
        contents = (bundle.content, bundle.wrapping_public_key, bundle.import_token)
        for option, content in zip(_DESTINATIONS, contents, strict=True):
            if option in item.paths:
                write_controller_file(item.paths[option], content, item.there[option])


def _refuse_failures(answers: list[dict[str, t.Any]]) -> None:
    failures = [answer for answer in answers if "failure" in answer]
    if failures:
        raise VisitFailed(_failed(failures))


def _failed(answers: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    error = answers[0].get("kms_error")
    return {
        "failed": True,
        "msg": " ".join(answer["failure"] for answer in answers),
        **({"kms_error": error} if error else {}),
    }


def _told(item: _Item, changed: bool, with_content: bool) -> dict[str, t.Any]:
    request = t.cast(Request, item.request)
    if item.bundle is None:
        # Check mode, or a failure: only what was to be asked is known.
        known = {**request.to_json(), "key_arn": request.facts.arn, "check_code": None}
    else:
        known = told(item.bundle)
    paths = {option: str(path) for option, path in item.paths.items()}
    value = {"bundle": item.bundle.value} if item.bundle is not None and with_content else {}
    return {**known, "key_id": item.key_id, "changed": changed, **paths, **value}


def _diff(item: _Item) -> dict[str, t.Any]:
    request = t.cast(Request, item.request)
    header = str(item.paths.get("dest", request.facts.arn))
    before = told(item.earlier) if item.earlier is not None else {}
    # It is not the outcome, and nobody knows who made it.
    before.pop("check_code", None)
    known = told(item.bundle) if item.bundle is not None else request.to_json()
    return {"before_header": header, "after_header": header, "before": before, "after": known}

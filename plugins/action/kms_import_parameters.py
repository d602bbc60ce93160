# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``kms_import_parameters`` on the controller: which parameters are needed, and the files that they are written to."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError, Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._expiration import parse_time
from ansible_collections.cloudkeys.aws.plugins.module_utils._facts import KeyFacts
from ansible_collections.cloudkeys.aws.plugins.module_utils._identifiers import region_of_arn
from ansible_collections.cloudkeys.aws.plugins.module_utils._import_parameters_options import DECLARED
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundles import ImportParameters
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller_files import (
    destination,
    read_if_there,
    write_controller_file,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._import_parameters import (
    Request,
    bundle_of,
    earlier,
    kept,
    read_min_validity,
    refuse_overwriting,
    refuse_overwriting_part,
    request_for,
    told,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._target import Target, VisitFailed
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._task_arguments import (
    pin_region,
    split_arguments,
    validate,
)
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._trust import Way, judge_way

MODULE = "cloudkeys.aws.kms_import_parameters"
_DESTINATIONS = ("dest", "public_key_dest", "import_token_dest")


@dataclass
class _Item:
    """One entry of ``bundles``, on its way."""

    key_id: str
    paths: dict[str, Path]
    request: Request | None = None
    bundle: ImportParameters | None = None
    earlier: ImportParameters | None = None
    changed: bool = False


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
        except (Refusal, CloudKeysError) as error:
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
        min_validity = read_min_validity(given["min_validity"])
        asked = [{"key_id": item.key_id} for item in items]
        answers = target.visit({**forwarded, "controller": {"visit": "look", "keys": asked}})
        _refuse_failures(answers)
        way = Way(**answers[0]["way"]) if answers else None
        due: list[_Item] = []
        for item, answer in zip(items, answers, strict=True):
            facts = KeyFacts.from_json(answer["facts"])
            item.request = request_for(facts, given.get("wrapping_algorithm"), given["wrapping_key_spec"])
            dest = item.paths.get("dest")
            content = read_if_there(dest) if dest else None
            refuse_overwriting(content, ImportParameters, dest)
            now = parse_time(answer["now"], "now")
            item.bundle = kept(content, item.request, t.cast(Way, way), now, min_validity)
            item.earlier = earlier(content)
            item.changed = self._files_differ(item) or item.bundle is None
            if item.bundle is None:
                due.append(item)
        warnings: list[str] = []
        if way is not None:
            refusal, warning = judge_way(way, given["wrapping_key_trust"])
            if refusal:
                raise CloudKeysError(refusal)
            warnings += [warning] if warning else []
        failures: list[dict[str, t.Any]] = []
        if not self._task.check_mode:
            failures = self._download(due, forwarded, target)
            for item in items:
                if item.bundle is not None and item.changed:
                    self._write(item)
        outcome: dict[str, t.Any] = {
            "changed": any(item.changed and (item.bundle or self._task.check_mode) for item in items),
            "bundles": [_told(item, given["return_bundles"]) for item in items],
            "diff": [_diff(item) for item in items if item.changed and (item.bundle or self._task.check_mode)],
        }
        if warnings:
            outcome["warnings"] = warnings
        if failures:
            outcome.update(_failed(failures))
        return outcome

    def _download(self, due: list[_Item], forwarded: dict[str, t.Any], target: Target) -> list[dict[str, t.Any]]:
        """Puts the bundles in; returns the answers that are failures."""
        if not due:
            return []
        asked = [t.cast(Request, item.request).to_json() for item in due]
        answers = target.visit({**forwarded, "controller": {"visit": "get", "keys": asked}})
        for item, answer in zip(due, answers, strict=True):
            if "failure" not in answer:
                item.bundle = bundle_of(t.cast(Request, item.request), answer["parameters"], Way(**answer["way"]))
        return [answer for answer in answers if "failure" in answer]

    def _files_differ(self, item: _Item) -> bool:
        """Whether the files are not all those of the earlier bundle.

        :raises Refusal: one is somebody else's.
        """
        contents = _contents(item.earlier)
        there = {option: read_if_there(path) for option, path in item.paths.items()}
        for option in set(there) - {"dest"}:
            refuse_overwriting_part(there[option], contents.get(option), item.paths[option])
        return any(there[option] != contents.get(option) for option in there)

    def _write(self, item: _Item) -> None:
        contents = _contents(item.bundle)
        for option, path in item.paths.items():
            write_controller_file(path, contents[option])


def _contents(bundle: ImportParameters | None) -> dict[str, bytes]:
    if bundle is None:
        return {}
    return dict(zip(_DESTINATIONS, (bundle.content, bundle.wrapping_public_key, bundle.import_token), strict=True))


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


def _told(item: _Item, with_content: bool) -> dict[str, t.Any]:
    request = t.cast(Request, item.request)
    if item.bundle is None:
        # Check mode, or a failure: only what was to be asked is known.
        known = {**request.to_json(), "key_arn": request.facts.arn, "check_code": None}
    else:
        known = told(item.bundle)
    paths = {option: str(path) for option, path in item.paths.items()}
    value = {"bundle": item.bundle.value} if item.bundle is not None and with_content else {}
    return {**known, "key_id": item.key_id, "changed": item.changed, **paths, **value}


def _diff(item: _Item) -> dict[str, t.Any]:
    request = t.cast(Request, item.request)
    header = str(item.paths.get("dest", request.facts.arn))
    before = told(item.earlier) if item.earlier is not None else {}
    known = told(item.bundle) if item.bundle is not None else request.to_json()
    return {"before_header": header, "after_header": header, "before": before, "after": known}

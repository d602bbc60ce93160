# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Visits to the target: run the collection's internal module there, with the requests of any action."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

from ...module_utils._errors import Refusal
from ...module_utils._json import to_json
from ...module_utils._key.facts import KeyFacts
from ...module_utils._kms.account import expected_account, refuse_named_key, refuse_shown_key
from ...module_utils._kms.identifiers import region_of_arn
from ...module_utils._kms.provenance import Provenance
from ...module_utils._messages import (
    Answer,
    Applied,
    EnsuredKey,
    EnsureKey,
    Failed,
    Failure,
    Postponed,
    Request,
    Seen,
    Watched,
)
from ...module_utils._requests.wire import answer_from_json, request_to_json
from ...module_utils._versions import NO_AMAZON_AWS
from .conversations import Lost

__all__ = ("Target",)

# Two modules, because Ansible packs and compiles everything that a module imports in each run.
MODULE, MODULE_FOR_KEYS = "cloudkeys.aws.kms_requests", "cloudkeys.aws.kms_key_requests"
_NOT_WHOLE = (
    "The answer from the target is incomplete. Ansible masks the values of secret options in it. A value of only a"
    " few characters, for example in secret_key, can occur in many places. Set a longer value, or use a profile."
)
# The parts of a failed visit's result that are reported: how it failed, and the messages. All other output may contain
# answers with import tokens.
_SAID = (
    "unreachable", "failed", "msg", "rc", "exception", "module_stdout", "module_stderr",
    "boto3_version", "botocore_version", "error", "response_metadata",
)  # fmt: skip
# If a module's output contains one of these, it may also contain answers or secrets, because the module failed while
# writing them.
_SECRETS_FOLLOW = ("answers", "_ansible_new_secrets", "import_token")
# Ansible's words, when it packs a module.
_NOT_INSTALLED = "unable to locate collection amazon.aws"
_MASKS = ("********", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")
_KEY_ARN = re.compile(r"arn:[\w-]+:kms:[\w-]+:\w+:key/[\w-]+")
_OTHER_KEY = (
    "{key}: the target answered for another key, {other}. The answer was not used. Check endpoint_url and"
    " AWS_ENDPOINT_URL_KMS on the target."
)


class Target:
    """The target, where the module runs.

    :param connection_options: the options of the modules that call AWS, as the task sets them.
    :param quotas: requests per second, by KMS operation, if they differ from the AWS defaults.
    :param patience: seconds that a visit may take while KMS has no turn for its requests; None for no limit.
    :ivar notices: the warnings and deprecations of the module.
    :raises Refusal: ``expected_account_id`` is not an account ID.
    """

    def __init__(
        self,
        action: ActionBase,
        task_vars: dict[str, t.Any] | None,
        connection_options: Mapping[str, t.Any],
        *,
        quotas: Mapping[str, t.Any] | None = None,
        patience: float | None = None,
    ) -> None:
        self._action = action
        self._task_vars = task_vars
        options = {"quotas": quotas, "patience": patience}
        self._options = {**connection_options, **{name: value for name, value in options.items() if value is not None}}
        self._paced: Mapping[str, t.Any] = {}
        self._expected_account = expected_account(connection_options.get("expected_account_id"))
        self.notices: dict[str, list[t.Any]] = {}

    def visit(self, requests: Sequence[Request]) -> list[Answer | Lost]:
        """The answers to the requests, in their order. A request that names a key of another account is not sent."""
        refused = {place: refusal for place, one in enumerate(requests) if (refusal := self._refusal(one)) is not None}
        places = [place for place in range(len(requests)) if place not in refused]
        carried = self._carry([requests[place] for place in places]) if places else ()
        answers = {**refused, **dict(zip(places, carried, strict=True))}
        return [answers[place] for place in range(len(requests))]

    def _refusal(self, request: Request) -> Failed | None:
        try:
            refuse_named_key(request.key, self._expected_account)
        except Refusal as refusal:
            return Failed(Failure.of(refusal))
        return None

    def _carry(self, requests: Sequence[Request]) -> list[Answer | Lost]:
        entries = [request_to_json(request) for request in requests]
        module = MODULE_FOR_KEYS if any(isinstance(request, EnsureKey) for request in requests) else MODULE
        visited = self._run(module, {**self._options, "requests": entries, "paced": self._paced})
        for kind in ("warnings", "deprecations"):
            self.notices.setdefault(kind, []).extend(visited.pop(kind, None) or ())
        # The target's own times. They are only passed to the next visit.
        self._paced = visited.get("paced") or self._paced
        answers = visited.get("answers") or ()
        if visited.get("failed") or visited.get("unreachable") or len(answers) != len(requests):
            lost = _lost(visited)
            return [lost for _request in requests]
        return [self._received(request, entry) for request, entry in zip(requests, answers, strict=True)]

    def finish(self, result: dict[str, t.Any], outcome: Mapping[str, t.Any]) -> dict[str, t.Any]:
        """The task's result, with every warning once."""
        merged = {**result, **outcome}
        for kind in ("warnings", "deprecations"):
            all_of_them = [*result.get(kind, ()), *self.notices.get(kind, ()), *outcome.get(kind, ())]
            if all_of_them:
                merged[kind] = [one for place, one in enumerate(all_of_them) if one not in all_of_them[:place]]
        return merged

    def _run(self, module: str, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return a result where Ansible would end the task: other conversations may know what was done."""
        try:
            return self._action._execute_module(module_name=module, module_args=arguments, task_vars=self._task_vars)
        except AnsibleConnectionFailure as error:
            return {"unreachable": True, "msg": str(error)}
        except AnsibleError as error:
            return {"failed": True, "msg": f"{NO_AMAZON_AWS} {error}" if _NOT_INSTALLED in str(error) else str(error)}

    def _received(self, request: Request, entry: Mapping[str, t.Any]) -> Answer | Lost:
        try:
            answer = answer_from_json(entry)
        except (AttributeError, KeyError, TypeError, ValueError):
            # The exception's text is not shown, because its content is unknown.
            return Lost(Failure(_NOT_WHOLE), {"failed": True})
        if isinstance(answer, (Failed, Postponed)):
            return answer
        if isinstance(answer, EnsuredKey) and any(mask in str(answer.arn) for mask in _MASKS):
            return Lost(Failure(_NOT_WHOLE), {"failed": True})
        facts = answer.facts if isinstance(answer, (Seen, Applied, Watched)) else None
        if facts is not None and any(mask in str(to_json(facts)) for mask in _MASKS):
            return Lost(Failure(_NOT_WHOLE), {"failed": True})
        arn = _shown(answer)
        if arn is not None:
            if not _about(request, arn) or (facts is not None and not _agree(facts)):
                return Lost(Failure(_OTHER_KEY.format(key=request.key, other=arn)), {"failed": True})
            try:
                refuse_shown_key(request.key, arn, self._expected_account)
            except Refusal as refusal:
                return Lost(Failure.of(refusal), {"failed": True})
        if isinstance(answer, EnsuredKey) and answer.seen is not None:
            answer = answer._replace(seen=answer.seen._replace(provenance=self._over(answer.seen.provenance)))
        return answer._replace(provenance=self._over(answer.provenance))

    def _over(self, provenance: Provenance) -> Provenance:
        """Add the connection that the answer came over."""
        return provenance._replace(connection=self._action._connection.transport)


def _shown(answer: Answer) -> str | None:
    """The ARN of the key that the answer is about; None if it names none."""
    if isinstance(answer, (Seen, Applied, Watched)):
        return answer.facts.arn
    return answer.arn if isinstance(answer, EnsuredKey) else None


def _about(request: Request, arn: str) -> bool:
    """Whether *arn* is the requested key. Only KMS knows which key an alias names."""
    before, alias, _name = request.key.partition("alias/")
    asked = arn.startswith(before) if alias else request.key in (arn, arn.rpartition("/")[2])
    expected = request.arn if isinstance(request, EnsureKey) else None
    return (
        asked
        and bool(_KEY_ARN.fullmatch(arn))
        and request.region in (None, region_of_arn(arn))
        and expected in (None, arn)
    )


def _agree(facts: KeyFacts) -> bool:
    """Whether the identifiers in the facts belong to the same key."""
    return facts.arn.endswith(f"/{facts.key_id}") and region_of_arn(facts.arn) == facts.region


def _lost(visited: Mapping[str, t.Any]) -> Lost:
    said = {name: visited[name] for name in _SAID if name in visited}
    sentence = said.setdefault("msg", "The module ended without an answer.")
    output = str(said.get("module_stdout") or "")
    if any(name in output for name in _SECRETS_FOLLOW):
        said["module_stdout"] = "(omitted: it may contain import tokens)"
    return Lost(Failure(str(sentence)), said)

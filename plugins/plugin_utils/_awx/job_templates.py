# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The job templates for AWX, with their surveys. Pure.

A launcher sets variables only by answering the survey. No question is for a file, a list of keys, an account ID, or who
can read the key material. Questions have a default and are not required, because AWX does not start a schedule or a
workflow node with an unanswered required question. For the playbooks, an empty answer counts as an omitted variable.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .canary_keys import CanaryKey
from .ceremony_keys import CeremonyKey
from .credential_types import ACCOUNTS, CEREMONY
from .keys import KeyEntry
from .values import Json, braces

__all__ = ("EXPORT", "IMPORT", "RENEW", "REPORT", "TITLES", "Choices", "inventory_variables", "make_job_templates")

PROVISION = "Provision fleet"
RENEW = "Renew"
REPORT = "Report"
ROTATE = "Rotate"
ROTATE_BY_ALIAS = "Rotate by alias"
EXPORT = "Ceremony export"
IMPORT = "Ceremony import"
DRILL = "Recovery drill"
TITLES = (PROVISION, RENEW, REPORT, ROTATE, ROTATE_BY_ALIAS, EXPORT, IMPORT, DRILL)
"""The titles of all possible job templates."""

# The hosts of a job template, and the statistics of earlier jobs of a workflow.
_HANDED_ON = ("cloudkeys_hosts", "cloudkeys_expiry_report", "cloudkeys_recovery_drill", "cloudkeys_ceremony_parameters")
_LONGEST_DURATION = 12
_SHORTEST_DURATION = 2
_MOST_DAYS = 364


@dataclass(frozen=True)
class Choices:
    """Settings for all job templates.

    :ivar material: the titles of the credentials with key material.
    :ivar vault: whether a file of the project is encrypted with Ansible Vault.
    :ivar own_accounts: whether jobs use the AWS credential that this role creates.
    :ivar valid_for: how long key material is valid after an import, such as 90d.
    :ivar renew_within_days: renew key material that expires in fewer than this number of days.
    :ivar fail_within_days: the report fails if key material expires in fewer than this number of days.
    :ivar slices: the number of job slices for provisioning and renewal.
    """

    material: Sequence[str]
    vault: bool
    own_accounts: bool
    valid_for: str
    renew_within_days: int
    fail_within_days: int
    slices: int


def make_job_templates(
    choices: Choices, keys: Sequence[KeyEntry], canaries: Sequence[CanaryKey], ceremonies: Sequence[CeremonyKey]
) -> Iterator[Json]:
    """Yield the job templates that the keys require."""
    aliases = _hosts_by_alias(key for key in keys if key.symmetric)
    others = _hosts_by_alias(key for key in keys if not key.symmetric)
    if aliases or others:
        yield _provision(choices, _pattern(key.hosts for key in keys if key.alias))
    if any(key.renews for key in keys):
        yield _renew(choices, _pattern(key.hosts for key in keys if key.renews))
    yield _report(choices)
    if aliases:
        yield _rotate(choices, aliases)
    if others:
        yield _rotate_by_alias(choices, others)
    if ceremonies:
        hosts = sorted({host for key in ceremonies for host in key.hosts})
        yield _export(choices, hosts)
        yield _import(choices, hosts, ceremonies)
    if canaries:
        yield _drill(choices, sorted({host for canary in canaries for host in canary.hosts}))


def _pattern(hosts: Iterable[Collection[str]]) -> str:
    """Return a pattern of these hosts. A job for a host without keys fails, because the list of keys is required."""
    return ",".join(sorted({host for some in hosts for host in some}))


def _hosts_by_alias(keys: Iterable[KeyEntry]) -> dict[str, str]:
    hosts: dict[str, list[Collection[str]]] = {}
    for key in keys:
        if key.alias:
            hosts.setdefault(key.alias, []).append(key.hosts)
    return {alias: _pattern(hosts[alias]) for alias in sorted(hosts)}


def _hosts_of_answer(variable: str, hosts: Mapping[str, str]) -> str:
    """Return a template for the hosts that have the selected alias."""
    return braces(f"{json.dumps(dict(hosts))}[{variable}]")


def _provision(choices: Choices, hosts: str) -> Json:
    survey = [
        _question(
            "provision_fleet_max_failures",
            "Number of failed keys after which the job stops",
            "A number, or a percentage such as 5%. Leave empty to try every key.",
            type="text",
            min=0,
            max=6,
        )
    ]
    return _template(
        PROVISION,
        "Creates KMS keys, imports their key material, and keeps both in the declared state.",
        "provision.yml",
        _with_material(choices),
        survey,
        hosts=hosts,
        job_slice_count=choices.slices,
    )


def _renew(choices: Choices, hosts: str) -> Json:
    survey = [
        _question(
            "renew_expiring_days",
            "Renew key material that expires in fewer than this number of days",
            type="integer",
            min=1,
            max=_MOST_DAYS,
            default=choices.renew_within_days,
        ),
        _valid_for("renew_expiring_valid_for", "How long renewed key material is valid", choices),
    ]
    return _template(
        RENEW,
        "Imports key material again before it expires, and restores missing key material. Creates no keys.",
        "renew.yml",
        _with_material(choices),
        survey,
        hosts=hosts,
        job_slice_count=choices.slices,
    )


def _report(choices: Choices) -> Json:
    survey = [
        _question(
            "expiry_report_warn_within_days",
            "Mark keys that expire in fewer than this number of days",
            type="integer",
            min=1,
            max=_MOST_DAYS,
            default=choices.renew_within_days,
        ),
        _question(
            "expiry_report_fail_within_days",
            "Fail if a key expires in fewer than this number of days",
            "A failed job sends the notification.",
            type="integer",
            min=1,
            max=_MOST_DAYS,
            default=choices.fail_within_days,
        ),
    ]
    return _template(
        REPORT,
        "Reports the expiration of key material, and fails if key material expires soon. Changes nothing.",
        "report.yml",
        _accounts(choices),
        survey,
        ask_job_type_on_launch=False,
        # The diff would contain the whole report.
        diff_mode=False,
    )


def _rotate(choices: Choices, aliases: Mapping[str, str]) -> Json:
    """:param aliases: the hosts of each alias."""
    question = _question("cloudkeys_rotation_alias", "Key to rotate", type="multiplechoice", required=True)
    survey = [{**question, "choices": list(aliases)}]
    return _template(
        ROTATE,
        "Imports new key material into a symmetric key and rotates the key to it. The key ARN does not change.",
        "rotate.yml",
        _with_material(choices),
        survey,
        hosts=_hosts_of_answer("cloudkeys_rotation_alias", aliases),
    )


def _rotate_by_alias(choices: Choices, aliases: Mapping[str, str]) -> Json:
    """:param aliases: the hosts of each alias."""
    survey = [
        _question(
            "rotate_by_alias_alias", "Alias to move", type="multiplechoice", choices=list(aliases), required=True
        ),
        _question(
            "rotate_by_alias_move",
            "Move the alias to the new key",
            "With false, the new key is only prepared, and can be tested with its temporary alias.",
            type="multiplechoice",
            choices=["true", "false"],
            default="true",
        ),
    ]
    return _template(
        ROTATE_BY_ALIAS,
        "Creates a key with new key material, and moves the alias to it. For HMAC and asymmetric keys.",
        "rotate_by_alias.yml",
        _with_material(choices),
        survey,
        hosts=_hosts_of_answer("rotate_by_alias_alias", aliases),
    )


def _export(choices: Choices, hosts: Sequence[str]) -> Json:
    return _template(
        EXPORT,
        "Exports import parameters for the offline machine, as artifacts of the job. Read the check codes aloud.",
        "ceremony_export.yml",
        _accounts(choices),
        [_account_question(hosts)],
        ask_limit_on_launch=False,
        ask_job_type_on_launch=False,
    )


def _import(choices: Choices, hosts: Sequence[str], keys: Sequence[CeremonyKey]) -> Json:
    survey = [
        _account_question(hosts),
        _question(
            "cloudkeys_check_codes",
            "Check codes, as read to you",
            "NAME: CODE, one per line. Leave empty to use the check codes in the credential.",
            type="textarea",
            min=0,
            max=100 * len(keys),
        ),
    ]
    return _template(
        IMPORT,
        "Imports the bundles from the offline machine if their check codes match.",
        "ceremony_import.yml",
        [*_accounts(choices), CEREMONY],
        survey,
        ask_limit_on_launch=False,
    )


def _drill(choices: Choices, hosts: Sequence[str]) -> Json:
    return _template(
        DRILL,
        "Deletes the key material of canary keys and restores it from the copies. Meanwhile, the keys are unusable.",
        "recovery_drill.yml",
        _with_material(choices),
        [],
        hosts=",".join(hosts),
        ask_limit_on_launch=False,
    )


def _template(
    title: str,
    description: str,
    playbook: str,
    credentials: Sequence[str],
    survey: list[Json],
    *,
    hosts: str = "",
    job_slice_count: int = 1,
    ask_limit_on_launch: bool = True,
    ask_job_type_on_launch: bool = True,
    diff_mode: bool = True,
) -> Json:
    """Plan a job template.

    :param credentials: the titles of the credentials of this role.
    :param hosts: the only variable of a job template. All others are set in the inventory and the project, where a
        workflow cannot override them. See ``playbooks/tasks/known_variables.yml``.
    """
    return {
        "title": title,
        "description": description,
        "playbook": playbook,
        "credentials": list(credentials),
        "extra_vars": {"cloudkeys_hosts": hosts} if hosts else {},
        "survey": {"name": title, "description": "", "spec": survey},
        "job_slice_count": job_slice_count,
        "ask_limit_on_launch": ask_limit_on_launch,
        "ask_job_type_on_launch": ask_job_type_on_launch,
        "diff_mode": diff_mode,
    }


def _question(variable: str, question: str, help_text: str = "", *, required: bool = False, **more: t.Any) -> Json:
    return {
        "variable": variable,
        "question_name": question,
        "question_description": help_text,
        "required": required,
        **more,
    }


def _valid_for(variable: str, question: str, choices: Choices) -> Json:
    return _question(
        variable,
        question,
        "Such as 90d.",
        type="text",
        min=_SHORTEST_DURATION,
        max=_LONGEST_DURATION,
        default=choices.valid_for,
    )


def _account_question(hosts: Sequence[str]) -> Json:
    return _question(
        "cloudkeys_hosts",
        "Account and Region",
        type="multiplechoice",
        choices=list(hosts),
        # Without a default, an unanswered question stops a workflow. A bundle for a key of another account is refused.
        default=hosts[0],
    )


def inventory_variables(choices: Choices, templates: Sequence[Json]) -> Json:
    """Return inventory variables: the expirations, and the names of the variables that a launcher may set."""
    asked = {question["variable"] for template in templates for question in template["survey"]["spec"]}
    expirations = {
        f"{prefix}_{name}": value
        for prefix in ("provision_fleet", "ceremony")
        for name, value in (("valid_for", choices.valid_for), ("renew_before", f"{choices.renew_within_days}d"))
    }
    return {**expirations, "cloudkeys_internal_launchers": sorted({*asked, *_HANDED_ON})}


def _accounts(choices: Choices) -> list[str]:
    return [ACCOUNTS] if choices.own_accounts else []


def _with_material(choices: Choices) -> list[str]:
    return [*choices.material, *_accounts(choices), *(["Vault"] if choices.vault else [])]

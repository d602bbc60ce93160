# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""``kms_external_key`` with ``replica_regions``: first the primary key, then all Regions at the same time.

A replica key is found by its key ID, which it shares with the primary key. So the next run finds everything that an
interrupted run has created.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .._errors import CloudKeysError, Refusal
from .._key.facts import KeyFacts
from .._kms.client import Kms
from .._kms.concurrency import concurrently
from .._kms.errors import KmsError
from .._kms.identifiers import arn_in_region
from .._kms.traffic import PatienceExceeded
from .apply import DeclaredKey
from .plan import Found, WantedKey, foreseen, plan_absent, plan_present
from .replicas import outcome_in_words, plan_replica, refuse_key, refuse_new_key, waiting, wanted_replica

__all__ = ("DeclaredReplicas", "PrimaryKey")


class PrimaryKey(DeclaredKey):
    """The key that has, or is to have, replica keys."""

    @property
    def shown(self) -> Found | None:
        """The key at the time of its replication; None if check mode would create it."""
        if self.found is None or self.first is None:
            return None
        # Without waiting, KMS may return a state older than the changes.
        return foreseen(self.found, self.first) if self.check_mode or self.wait_timeout is None else self.found

    @property
    def is_new(self) -> bool:
        return self.first is not None and "create_key" in self.first.actions

    def foresee_absent(self) -> Found | None:
        """The key whose deletion is to be scheduled, before anything is done; None if it does not exist.

        :raises Refusal: it is not the declared key, or would leave replica keys behind.
        """
        self.found = found = self._finder.find()
        if found is not None:
            refuse_key(found.facts)
            plan_absent(self.wanted, found)
        return found

    def _create(self, unread: t.Mapping[str, str]) -> None:
        refuse_new_key(self.wanted)
        super()._create(unread)

    def _make_as_wanted(self, found: Found) -> None:
        refuse_key(found.facts)
        super()._make_as_wanted(found)


class _ReplicaKey(DeclaredKey):
    """The replica key in one Region."""

    def __init__(self, primary: PrimaryKey, shown: Found, wanted: WantedKey, kms: Kms) -> None:
        super().__init__(kms, wanted, shown.facts.key_id, primary.check_mode, primary.wait_timeout)
        self._primary_kms = primary.kms
        self._primary = shown.facts
        self._is_new = False
        self.arn = arn_in_region(shown.facts.arn, kms.region)

    def present(self) -> None:
        """:raises CloudKeysError: with a sentence; :raises Refusal: the same, and nothing was done."""
        arn, alias = self._finder.arn_of(self._primary.key_id), self.wanted.alias
        named = None if alias is None else self._finder.arn_of(alias)
        if named not in (None, arn):
            raise self._taken(str(named))
        if arn is None:
            self._replicate()
        else:
            self._make_as_wanted(self._finder.look(arn, alias_is_there=named is not None))

    def _replicate(self) -> None:
        plan = self.first = plan_replica(self.wanted, self.kms.region, self._primary.arn, self._primary.key_state)
        if self.check_mode or not plan.steps:
            return
        replicate, *rest = plan.steps
        try:
            metadata = self._primary_kms.replicate_key(self._primary.arn, **replicate.parameters)
            self.found = Found(KeyFacts.from_kms(metadata), metadata.get("Description", ""), alias_is_there=False)
            self._is_new = True
        except KmsError as error:
            # Either a response was lost and the request repeated, or another run was faster. That run may have
            # requested other properties.
            if error.code != "AlreadyExistsException":
                raise
        self.done.append(replicate.action)
        if self.wait_timeout is not None or not self._is_new:
            self._wait_for(self.arn, lambda _key: True, None, self.wait_timeout or 0)
            rest = list(plan_present(self.wanted, t.cast(Found, self.found)).steps)
        self._carry_out_and_wait(rest, self.arn)

    def _wait(self, arn: str, shown: t.Callable[[Found], bool], alias: str | None) -> None:
        # Without waiting, a new replica key is reported from the response of ReplicateKey: KMS is still creating it.
        if self.wait_timeout is not None or not self._is_new:
            super()._wait(arn, shown, alias)

    def _leave_alias(self, arn: str, winner: str) -> None:
        raise CloudKeysError(f"{arn}: {self._taken(winner).sentence}")

    def _taken(self, winner: str) -> Refusal:
        return Refusal(
            f"{self.wanted.alias} points to {winner} in Region {self.kms.region}, not the replica key of"
            f" {self._primary.arn}. This module does not move an alias to another key here, because everything that"
            " uses the alias would then use the other key. Delete or move the alias in that Region yourself"
            " (DeleteAlias, UpdateAlias), or remove the Region from replica_regions."
        )

    def to_entry(self, failure: str | None) -> dict[str, t.Any]:
        """The entry for the replica key in ``replicas``."""
        result = self.to_result()
        shown = result.get("kms_key")
        arn, state = (shown["arn"], shown["key_state"]) if shown else (None, None)
        if shown is None and result["actions"]:
            # The ARN is known before the key exists.
            arn, state = self.arn, self.first and self.first.after["key_state"]
        return {
            "region": self.kms.region,
            "arn": arn,
            "key_state": state,
            "changed": result["changed"],
            "actions": result["actions"],
            "failure": failure,
        }

    def to_diff(self) -> list[dict[str, t.Any]]:
        """The replica key's part of the diff, if there is one."""
        if self.first is None or (self.found is None and not self.first.steps):
            return []
        return [{**self.to_result()["diff"], "before_header": self.arn, "after_header": self.arn}]


class DeclaredReplicas:
    """A primary key, its replica keys, and one task, with the interface of :class:`DeclaredKey`.

    :param elsewhere: KMS in each Region that is to have a replica key.
    """

    def __init__(self, primary: PrimaryKey, elsewhere: t.Mapping[str, Kms]) -> None:
        self._primary = primary
        self._elsewhere = elsewhere
        self._replicas: list[_ReplicaKey] = []
        self._failures: dict[str, CloudKeysError] = {}
        self._begun = False

    def present(self) -> None:
        """:raises CloudKeysError: with a sentence; everything else that was possible is done."""
        self._primary.present()
        wanted = wanted_replica(self._primary.wanted)
        # A key that has just been created has no replica keys and cannot have any yet.
        shown = None if self._primary.is_new else self._primary.shown
        self._in_every_region(shown, wanted, lambda replica: replica.present())
        self._raise_failures()

    def absent(self) -> None:
        """Schedule the deletion of the replica keys, then that of the primary key, only if all of them succeeded.
        Otherwise the primary key would be unusable immediately, for an indefinite time.

        :raises CloudKeysError: with a sentence; everything else that was possible is done.
        """
        found = self._primary.foresee_absent()
        # Identify the replica keys by key ID alone, which is reliable: the primary key has all the names that the task
        # declares.
        wanted = replace(wanted_replica(self._primary.wanted), alias=None)
        self._in_every_region(found, wanted, lambda replica: replica.absent())
        self._raise_failures(
            " The deletion of the primary key was not scheduled. It is scheduled only when the deletion of all"
            " replica keys is."
        )
        if found is not None:
            self._primary.absent()

    def _in_every_region(self, shown: Found | None, wanted: WantedKey, act: t.Callable[[_ReplicaKey], None]) -> None:
        self._begun = True
        if shown is None:
            return

        def attempt(replica: _ReplicaKey) -> CloudKeysError | None:
            try:
                act(replica)
            except PatienceExceeded:
                # This is not a failure of the Region: the whole request is sent again.
                raise
            except CloudKeysError as error:
                return error
            return None

        self._replicas = [_ReplicaKey(self._primary, shown, wanted, kms) for kms in self._elsewhere.values()]
        errors = concurrently(attempt, self._replicas)
        self._failures = {one.kms.region: error for one, error in zip(self._replicas, errors) if error is not None}

    def _raise_failures(self, consequence: str = "") -> None:
        if not self._failures:
            return
        sentences = {region: error.sentence for region, error in self._failures.items()}
        first = next(iter(self._failures.values()))
        raise CloudKeysError(outcome_in_words(self._name, sentences) + consequence, **first.details)

    @property
    def _name(self) -> str:
        found = self._primary.found
        return found.facts.arn if found is not None else str(self._primary.wanted.alias)

    def _entries(self) -> list[dict[str, t.Any]]:
        if not self._replicas:
            nothing = {"arn": None, "key_state": None, "changed": False, "failure": None}
            return [{"region": region, **nothing, "actions": []} for region in self._elsewhere]
        failures = {region: error.sentence for region, error in self._failures.items()}
        return [replica.to_entry(failures.get(replica.kms.region)) for replica in self._replicas]

    def to_result(self) -> dict[str, t.Any]:
        """The fields of the result, including those of a failed one."""
        result = self._primary.to_result()
        if not self._begun:
            # The primary key failed.
            return result
        entries = result["replicas"] = self._entries()
        created = [entry["region"] for entry in entries if "replicate_key" in entry["actions"]]
        result["actions"] += ["replicate_key"] * len(created)
        result["changed"] = bool(result["actions"]) or any(entry["changed"] for entry in entries)
        if "kms_key" in result:
            regions = {*result["kms_key"]["replica_regions"], *created}
            result["kms_key"]["replica_regions"] = sorted(regions)
        own = [result["diff"]] if "diff" in result else []
        result["diff"] = own + [diff for replica in self._replicas for diff in replica.to_diff()]
        return result

    @property
    def waiting(self) -> str | None:
        """The warning that replica keys wait for the import into the primary key."""
        without = self._without_replica()
        return waiting(self._name, without) if without else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """All other warnings."""
        return (*self._primary.warnings, *(warning for replica in self._replicas for warning in replica.warnings))

    def _without_replica(self) -> list[str]:
        """The Regions whose replica keys must wait for the import into the primary key."""
        if self._primary.is_new:
            return list(self._elsewhere) if self._begun else []
        return [
            one.kms.region
            for one in self._replicas
            if one.kms.region not in self._failures and one.found is None and one.first and not one.first.steps
        ]

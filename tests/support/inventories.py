# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin: a fleet of keys in two accounts and two Regions, and the plugin in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import inventory_loader

from .emulator import Emulator
from .external_key import ExternalKey
from .fixtures import new_account
from .in_process import with_days

PLUGIN: Final = "cloudkeys.aws.kms_keys"
SECRET: Final = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
HOSTILE: Final = "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"
_PROFILE = "[{name}]\naws_access_key_id = {account}\naws_secret_access_key = {secret}\n"


def tagged(key: ExternalKey, **tags: str) -> ExternalKey:
    key.kms.tag_resource(KeyId=key.id, Tags=[{"TagKey": name, "TagValue": value} for name, value in tags.items()])
    return key


@dataclass
class Fleet:
    """The accounts *treasury* and *ledger*, each with the alias payments in both Regions, and more."""

    accounts: dict[str, str]
    keys: dict[str, ExternalKey]

    @classmethod
    def make(cls, emulator: Emulator) -> Fleet:
        accounts = {name: new_account() for name in ("treasury", "ledger")}
        us, eu, ledger_us, ledger_eu = (
            emulator.client(region, account) for account in accounts.values() for region in ("us-east-1", "eu-west-1")
        )
        keys = {
            "soon": tagged(with_days(us, emulator, "payments", 20), owner="treasury"),
            "never": with_days(eu, emulator, "payments", None, spec="HMAC_256"),
            "empty": tagged(ExternalKey.create(ledger_us), owner="ledger"),
            "later": with_days(ledger_us, emulator, "team/archive", 200, spec="RSA_2048"),
            "today": with_days(ledger_eu, emulator, None, 2),
            "deleted": with_days(ledger_eu, emulator, "payments", 4),
        }
        ledger_us.create_alias(AliasName="alias/payments", TargetKeyId=keys["empty"].id)
        ledger_eu.schedule_key_deletion(KeyId=keys["deleted"].id)
        # No host: its key material is KMS's own.
        us.create_key()
        return cls(accounts, keys)

    def credentials(self) -> str:
        """A file of AWS credentials with both accounts as profiles."""
        return "\n".join(
            _PROFILE.format(name=name, account=account, secret=SECRET) for name, account in self.accounts.items()
        )

    def host(self, key: str) -> str:
        """What a key of the fleet is called when nothing is configured."""
        _arn, _aws, _kms, region, account, _id = self.keys[key].arn.split(":")
        named = {"later": "team_archive", "today": self.keys["today"].id}
        return f"{named.get(key, 'payments')}.{region}.{account}"


def write(folder: Path, name: str = "kms_keys.yml", **options: Any) -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump({"plugin": PLUGIN, **options}), "utf-8")
    return path


class Read:
    """What the plugin makes of a file, in this process."""

    def __init__(self, path: Path, cache: bool = True) -> None:
        self.plugin = inventory_loader.get(PLUGIN)
        self.data = InventoryData()
        assert self.plugin.verify_file(str(path))
        self.plugin.parse(self.data, DataLoader(), str(path), cache=cache)
        self.data.reconcile_inventory()

    @property
    def hosts(self) -> list[str]:
        return list(self.data.hosts)

    @property
    def groups(self) -> dict[str, list[str]]:
        """The hosts of each group, including the hosts of its child groups. Ansible's own groups are left out."""
        return {
            name: sorted(host.name for host in group.get_hosts())
            for name, group in self.data.groups.items()
            if name not in ("all", "ungrouped")
        }

    def variables(self, host: str) -> dict[str, Any]:
        variables: dict[str, Any] = self.data.hosts[host].vars
        return variables


@pytest.fixture
def fleet(emulator: Emulator, aws: Path) -> Fleet:
    made = Fleet.make(emulator)
    (aws / "credentials").write_text(made.credentials(), "utf-8")
    return made


@pytest.fixture
def aws(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an AWS configuration without anything in it. Nothing of the user who runs the tests counts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "aws"
    folder.mkdir()
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", emulator.url)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return folder


@pytest.fixture
def credentials(aws: Path, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of the environment, for the account of this test."""
    assert list(aws.iterdir()) == []
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")


def refused(path: Path) -> str:
    with pytest.raises(AnsibleError) as caught:
        Read(path)
    return str(caught.value)

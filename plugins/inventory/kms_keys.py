# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: kms_keys
version_added: 0.1.0
short_description: AWS KMS keys with imported key material as hosts
description:
  - Makes a host of every KMS key with the origin C(EXTERNAL), in any number of accounts and Regions, and groups the
    hosts by key state, days left, tags and more. A play can then be about a part of the keys, and job slices, forks
    and C(--limit) divide them up as they divide other hosts.
  - The file that configures it has a name that ends in C(kms_keys.yml) or C(kms_keys.yaml).
  - The variable C(kms_key) of a host is what M(cloudkeys.aws.kms_key_material_info) returns in
    RV(cloudkeys.aws.kms_key_material_info#module:kms_keys), C(tags) included. C(kms_key_account_id) is the account, and
    C(kms_key_read_at) the time at which all of this was so, in ISO 8601.
  - The variables C(cloudkeys_region) and, with a profile, C(cloudkeys_profile) choose the Region and the account of the
    key in the playbooks of this collection, and in a play as in the last of the examples.
  - C(ansible_connection) is V(local), and C(ansible_python_interpreter) the Python that Ansible runs with. O(compose)
    can set both to something else.
  - Text from AWS, such as tags and descriptions, is never a template, whatever is in it.
options:
  plugin:
    description: That the file is for this plugin.
    type: str
    required: true
    choices: [cloudkeys.aws.kms_keys]
  regions:
    description:
      - The Regions to look at, in each of the accounts. When omitted, O(region), or the Region of the profile.
    type: list
    elements: str
    default: []
  profiles:
    description:
      - Profiles of the AWS configuration, one for each account to look at. When omitted, O(profile), or the credentials
        of the environment.
      - A profile with a C(role_arn) assumes that role, here as in the tasks of a play. The ways to give credentials
        themselves, and O(assume_role_arn), are about one account and cannot be used at the same time.
      - Of two profiles for the same account, a key gets the first that may describe it.
    type: list
    elements: str
    default: []
  strict_permissions:
    description:
      - What to do when the keys of a Region cannot be listed for one of the accounts, whatever the reason. It may be
        denied, or the profile may not exist, or the endpoint may be out of reach.
      - With V(true) it fails. With V(false) it warns, names the Region and the profile, and goes on without them. The
        result is then not cached.
    type: bool
    default: true
  alias_patterns:
    description:
      - Only keys with an alias that matches one of these, where C(*) stands for any characters, C(?) for one, and
        C([...]) for one of several. The prefix C(alias/) may be left out. Only these are read, which saves requests.
    type: list
    elements: str
    default: []
  tags:
    description:
      - Only keys with all of these tags, and keys whose tags cannot be read. Null for a value means any value.
    type: dict
    default: {}
  hostnames:
    description:
      - What a host is named by, in order of preference. V(alias) is the first alias of the alphabet, without its
        prefix; V(key_id) the key ID; V(tag:NAME) the value of the tag C(NAME). A key that has none of these is named by
        its key ID.
      - Letters, digits, V(-) and V(_) are kept, and anything else becomes V(_), as the slash in C(alias/team/payments).
      - Keys that would have the same name, in the same account and Region, have their key ID in it, too.
    type: list
    elements: str
    default: [alias]
  hostname_suffixes:
    description:
      - What follows, after dots, to tell the accounts and Regions apart. C(payments.eu-central-1.111122223333) is
        C(alias/payments) of this Region and account. The pattern C(payments.*) is it in all of them, and
        C(*.eu-central-1.*) is a Region.
      - V(profile) is easier to read than V(account_id). A key without a profile has no such suffix.
      - Without suffixes it fails where keys of several Regions or accounts would be one host.
    type: list
    elements: str
    choices: [region, account_id, profile]
    default: [region, account_id]
  default_groups:
    description:
      - The groups to make without being told which. Every host is in C(kms_keys), whatever is given here.
      - V(state), by the key state, as C(state_enabled) and C(state_pendingimport).
      - V(region), as C(region_eu_central_1).
      - V(account), as C(account_111122223333).
      - V(key_spec), as C(key_spec_symmetric_default) and C(key_spec_rsa_2048).
      - V(days_left). C(days_left_under_90) holds C(days_left_under_30), and that C(days_left_under_7), and that
        C(material_missing), which has the keys that lack key material, because it has expired, was deleted or was never
        imported. What is not in them is in C(days_left_90_or_more), or in C(days_left_unlimited) when it does not
        expire. A key that KMS is about to delete takes no key material, and is in none of these.
      - V(tags), as C(tag_owner_treasury) for the tag C(owner) with the value C(treasury), and C(tag_owner) for one
        without a value.
      - What is not known of a key is V(unknown), as in C(state_unknown), C(key_spec_unknown) and C(days_left_unknown).
      - Anything but letters, digits and V(_) becomes V(_).
    type: list
    elements: str
    choices: [state, region, account, key_spec, days_left, tags]
    default: [state, region, account, key_spec, days_left, tags]
notes:
  - When it fails, Ansible warns and goes on without these hosts. In C(ansible.cfg), C(any_unparsed_is_failed=true) in
    the section C([inventory]) makes a run fail instead.
  - Whoever may tag a key decides in which groups C(tag_...) it is. Where that must not decide about key material, use
    the account, or aliases.
  - Other inventory plugins make groups with such names as well. C(kms_keys:&tag_owner_treasury) has only keys.
  - C(days_left) counts from C(kms_key_read_at). With a cache, that may be a while ago. The cache holds what KMS told of
    the keys, and no credentials. It is not used when the file asks for something else than before.
  - A host is a key. The playbooks of this collection that look at all keys of a Region want a host that is an account
    and Region instead.
  - With C(cloudkeys_account_id) as a variable of O(compose), set to C(kms_key_account_id), the playbooks of this
    collection refuse credentials of another account than that of the key. They ask STS for it.
  - With O(assume_role_arn) there is no C(cloudkeys_profile), and the tasks of a play need credentials of that role. A
    profile with C(role_arn) needs nothing of the kind.
  - "IAM: in each account and Region the actions that M(cloudkeys.aws.kms_key_material_info) needs without C(key_ids),
    and those that it needs for tags."
requirements:
  - ansible-core >= 2.17.6
  - botocore >= 1.38.31 and boto3 >= 1.38.31, on the controller
seealso:
  - module: cloudkeys.aws.kms_key_material_info
  - module: cloudkeys.aws.kms_key_material
  - plugin: amazon.aws.aws_ec2
    plugin_type: inventory
    description: The same for instances.
author:
  - The cloudkeys.aws authors (@cloudkeys)
extends_documentation_fragment:
  - constructed
  - inventory_cache
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.assume_role.plugins
"""

EXAMPLES = r"""
# The smallest kms_keys.yml: one account and Region, those of the environment.
---
plugin: cloudkeys.aws.kms_keys

# fleet.kms_keys.yml: three accounts in two Regions each, and names like payments.eu-central-1.treasury.
# What is denied to one account does not hide the others.
---
plugin: cloudkeys.aws.kms_keys
profiles: [treasury, ledger, archive]
regions: [eu-central-1, us-east-1]
hostname_suffixes: [region, profile]
strict_permissions: false

# owners.kms_keys.yml: groups of one's own, such as owner_treasury and rotated, and no others.
---
plugin: cloudkeys.aws.kms_keys
regions: [eu-central-1]
default_groups: []
keyed_groups:
  - key: kms_key.tags.owner
    prefix: owner
groups:
  rotated: kms_key.rotations_left is not none and kms_key.rotations_left < 25
compose:
  expires: kms_key.valid_to | default('never', true)
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: .cache/kms_keys

# renew.yml: ansible-playbook -i fleet.kms_keys.yml renew.yml
# Every key is a host of its own, and nothing here is about all of them: so job slices may divide them up, and
# --limit 'payments.*' renews one key in all accounts and Regions.
---
- name: Renew the keys of the treasury that have less than 30 days left, or none
  hosts: kms_keys:&tag_owner_treasury:&days_left_under_30
  gather_facts: false
  module_defaults:
    group/cloudkeys.aws.aws: >-
      {{ {'region': cloudkeys_region | default(none), 'profile': cloudkeys_profile | default(none)}
         | dict2items | selectattr('value') | items2dict }}
  tasks:
    - name: Renew it
      cloudkeys.aws.kms_key_material:
        key_id: "{{ kms_key.arn }}"
        key_material_src: "{{ inventory_hostname }}.key"
        valid_for: 90d
        renew_before: 30d
"""

import typing as t
from collections import defaultdict

from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible_collections.amazon.aws.plugins.module_utils.botocore import botocore_at_least
from ansible_collections.amazon.aws.plugins.plugin_utils.inventory import AWSInventoryBase

from ..module_utils._errors import CloudKeysError, Refusal
from ..module_utils._kms.client import Kms, client_config
from ..module_utils._kms.errors import quotable
from ..module_utils._kms.identifiers import refuse_region
from ..module_utils._kms.provenance import without_credentials
from ..module_utils._kms.traffic import Traffic
from ..module_utils._report.entry import Filters
from ..module_utils._versions import COLLECTION_NAME, COLLECTION_VERSION, MINIMUM_BOTOCORE_VERSION
from ..plugin_utils._inventory.groups import EVERY_KEY, all_groups, groups_of, nested_groups
from ..plugin_utils._inventory.hosts import FoundKey, Naming, host_variables, name_hosts
from ..plugin_utils._inventory.places import Place, account_of_profile, read_places
from ..plugin_utils._templating import as_template, not_as_template


class InventoryModule(AWSInventoryBase):
    NAME = "cloudkeys.aws.kms_keys"
    INVENTORY_FILE_SUFFIXES = ("kms_keys.yml", "kms_keys.yaml")

    class TemplatedOptions(AWSInventoryBase.TemplatedOptions):
        TEMPLATABLE_OPTIONS = (*AWSInventoryBase.TemplatedOptions.TEMPLATABLE_OPTIONS, "profiles")

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache=cache)
        try:
            self._populate(self._find(path, cache))
        except CloudKeysError as error:
            raise AnsibleParserError(error.sentence) from None

    def _read_config_data(self, path: str) -> t.Any:
        config = super()._read_config_data(path)
        known = constants.config.get_configuration_definitions("inventory", self._load_name)
        names = {*known, *(alias for one in known.values() for alias in one.get("aliases", ()))}
        unknown = sorted(map(str, set(config) - names))
        if unknown:
            # A misspelt profile would be another account.
            raise AnsibleParserError(
                f"There is no option {', '.join(unknown)}. See ansible-doc -t inventory {self.NAME}."
            )
        return config

    def _set_frozen_credentials(self) -> None:
        """Not as soon as the file is read: what is in the cache needs no credentials."""

    def _find(self, path: str, cache: bool) -> list[FoundKey]:
        """:raises CloudKeysError: a sentence."""
        if not botocore_at_least(MINIMUM_BOTOCORE_VERSION):
            raise CloudKeysError(
                f"botocore on the controller is older than {MINIMUM_BOTOCORE_VERSION}, the first that can list all key"
                f" materials. Install a newer one: pip install 'botocore>={MINIMUM_BOTOCORE_VERSION}' boto3."
            )
        options = {name: self.get_option(name) for name in ("alias_patterns", "tags")}
        places = self._places()
        endpoint = without_credentials(self.get_option("endpoint_url") or "")
        where = {"role": self.get_option("assume_role_arn"), "endpoint": endpoint}
        asked = {**options, "places": [list(one) for one in places], **where}
        is_cached, known = self.get_cached_result(path, cache)
        if is_cached and known.get("asked") == asked:
            return [FoundKey(**one) for one in known["keys"]]
        found = read_places(self._reach(places), Filters.from_options(options))
        if not found.failures:
            # Not as this is called elsewhere: what was asked for before may have been something else.
            self.update_cached_result(path, False, {"asked": asked, "keys": [key._asdict() for key in found.keys]})
        elif self.get_option("strict_permissions"):
            raise CloudKeysError(
                f"{' '.join(found.failures)} With strict_permissions: false, the inventory is made without what cannot"
                " be asked."
            )
        for failure in found.failures:
            self.warn(f"{failure} The inventory is made without these keys.")
        return found.keys

    def _places(self) -> list[Place]:
        profiles = self.get_option("profiles")
        for name in ("access_key", "secret_key", "session_token", "assume_role_arn"):
            if profiles and self.get_option(name):
                raise CloudKeysError(
                    f"profiles choose accounts, and {name} chooses one, too, in the file or by an environment variable."
                    " Take one of them away. To assume a role, give its profile a role_arn in the AWS configuration."
                )
        role = self.get_option("assume_role_arn")
        places = []
        for profile in profiles or [self.get_option("profile")]:
            self._choose(profile)
            for region in self.get_option("regions") or [self.region]:
                if region:
                    refuse_region(region)
                # With a role, a profile does not say whose the keys are.
                places.append(Place(None if role else profile or None, region))
        return places

    def _choose(self, profile: str | None) -> None:
        """The account of all clients that are made from now on."""
        if profile:
            self.set_option("profile", profile)

    def _reach(self, places: list[Place]) -> list[tuple[Place, Kms | str]]:
        """One after the other: what makes boto3's clients must not be shared by threads."""
        if not self.region and places[0].region:
            # That of STS, where a role is assumed.
            self.set_option("region", places[0].region)
        try:
            super()._set_frozen_credentials()
        except AnsibleError as error:
            return [(place, quotable(error)) for place in places]
        # KMS's quotas are those of an account in a Region. Where nothing says which account it is, it may be any.
        traffic: defaultdict[str | None, Traffic] = defaultdict(Traffic)
        return [(place, self._kms(place, traffic[account_of_profile(place.profile)])) for place in places]

    def _kms(self, place: Place, traffic: Traffic) -> Kms | str:
        """KMS in this place, or a sentence why there is none."""
        try:
            refuse_region(place.region, place.profile, "Set regions or AWS_REGION, or one in the AWS configuration.")
        except Refusal as refusal:
            return refusal.sentence
        self._choose(place.profile)
        config = client_config(user_agent_extra=f"{COLLECTION_NAME}/{COLLECTION_VERSION}")
        try:
            client = self.client("kms", region=place.region, config=config)
        except AnsibleError as error:
            return quotable(error)
        return Kms(client, traffic=traffic)

    def _populate(self, keys: list[FoundKey]) -> None:
        naming = Naming.from_options(self.get_option("hostnames"), self.get_option("hostname_suffixes"))
        kinds = self.get_option("default_groups")
        for group in (EVERY_KEY, *all_groups(keys, kinds)):
            self.inventory.add_group(group)
        for inner, outer in nested_groups(kinds):
            self.inventory.add_group(inner)
            self.inventory.add_child(outer, inner)
        for name, key in zip(name_hosts(keys, naming), keys, strict=True):
            self._add(name, key, kinds)

    def _add(self, name: str, key: FoundKey, kinds: list[str]) -> None:
        self.inventory.add_host(name, EVERY_KEY)
        for group in groups_of(key, kinds):
            self.inventory.add_child(group, name)
        variables = not_as_template(host_variables(key))
        variables["ansible_connection"] = "local"
        variables["ansible_python_interpreter"] = as_template("{{ ansible_playbook_python }}")
        for variable, value in variables.items():
            self.inventory.set_variable(name, variable, value)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)

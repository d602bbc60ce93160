# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: kms_keys
version_added: 0.1.0
short_description: Create hosts from AWS KMS keys with imported key material
description:
  - Creates a host for every KMS key with the origin C(EXTERNAL), in any number of accounts and Regions. Groups the
    hosts by key state, days left, tags, and other properties. Plays, job slices, forks, and C(--limit) then apply to
    keys.
  - The name of the configuration file must end in C(kms_keys.yml) or C(kms_keys.yaml).
  - The host variable C(kms_key) contains the entry of the key in
    RV(cloudkeys.aws.kms_key_material_info#module:kms_keys), including C(tags). C(kms_key_account_id) is the account,
    and C(kms_key_read_at) is the time at which the key was read, in ISO 8601.
  - The variables C(cloudkeys_region) and, with a profile, C(cloudkeys_profile) select the Region and the account of the
    key in the playbooks of this collection. The last example uses them in a play.
  - C(ansible_connection) is V(local), and C(ansible_python_interpreter) is the Python that runs Ansible. O(compose) can
    override both.
  - Text from AWS, such as tags and descriptions, is never evaluated as a template.
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [cloudkeys.aws.kms_keys]
  regions:
    description:
      - The Regions to read in each account. If omitted, O(region), or the Region of the profile.
    type: list
    elements: str
    default: []
  profiles:
    description:
      - Profiles in the AWS configuration, one for each account to read. If omitted, O(profile), or the credentials in
        the environment.
      - A profile with C(role_arn) assumes that role, here and in the tasks of a play. Mutually exclusive with
        credentials and O(assume_role_arn), which select one account.
      - If two profiles are for the same account, a key has the first profile that can describe it.
    type: list
    elements: str
    default: []
  strict_permissions:
    description:
      - Whether to fail if the keys in a Region cannot be listed for an account, for any reason, such as denied access,
        a missing profile or an unreachable endpoint.
      - With V(false), the plugin warns with the Region and profile and continues without these keys. The result is then
        not cached.
    type: bool
    default: true
  alias_patterns:
    description:
      - Include only keys with an alias that matches one of these patterns, which also saves requests. C(*) matches any
        characters, C(?) one character, and C([...]) one of several characters. The prefix C(alias/) is optional.
    type: list
    elements: str
    default: []
  tags:
    description:
      - Include only keys with all of these tags, and keys whose tags cannot be read. Null matches any value.
    type: dict
    default: {}
  hostnames:
    description:
      - The sources of host names, in order of preference. V(alias) is the first alias in alphabetical order without its
        prefix, V(key_id) is the key ID, and V(tag:NAME) is the value of the tag C(NAME). A key without any of them is
        named by its key ID.
      - Characters other than letters, digits, V(-), and V(_), such as the slash in C(alias/team/payments), are replaced
        by V(_).
      - If keys in the same account and Region would have the same name, their key IDs are added.
    type: list
    elements: str
    default: [alias]
  hostname_suffixes:
    description:
      - The suffixes of host names, separated by dots, which distinguish accounts and Regions. For example,
        C(payments.eu-central-1.111122223333) is C(alias/payments) in this Region and account. The pattern C(payments.*)
        selects it in all of them, and C(*.eu-central-1.*) selects a Region.
      - V(profile) is easier to read than V(account_id). A key without a profile does not have this suffix.
      - The plugin fails if keys in several Regions or accounts would have the same host name.
    type: list
    elements: str
    choices: [region, account_id, profile]
    default: [region, account_id]
  default_groups:
    description:
      - The groups to create. Every host is also in C(kms_keys).
      - V(state) - the key state, such as C(state_enabled) and C(state_pendingimport).
      - V(region) - the Region, such as C(region_eu_central_1).
      - V(account) - the account, such as C(account_111122223333).
      - V(key_spec) - the key spec, such as C(key_spec_symmetric_default) and C(key_spec_rsa_2048).
      - V(days_left) - nested groups. C(days_left_under_90) contains C(days_left_under_30), which contains
        C(days_left_under_7), which contains C(material_missing) with the keys whose key material has expired, was
        deleted or was never imported. Other keys are in C(days_left_90_or_more), or in C(days_left_unlimited) if their
        key material does not expire. A key that is pending deletion accepts no key material and is in none of these
        groups.
      - V(tags) - the tags, such as C(tag_owner_treasury) for the tag C(owner) with the value C(treasury), and
        C(tag_owner) for a tag without a value.
      - An unknown property is V(unknown), such as in C(state_unknown), C(key_spec_unknown), and C(days_left_unknown).
      - Characters other than letters, digits, and V(_) are replaced by V(_).
    type: list
    elements: str
    choices: [state, region, account, key_spec, days_left, tags]
    default: [state, region, account, key_spec, days_left, tags]
notes:
  - If the plugin fails, Ansible warns and continues without these hosts. To make the run fail, set
    C(any_unparsed_is_failed=true) in the section C([inventory]) of C(ansible.cfg).
  - Anyone who can tag a key can add it to a C(tag_...) group. If this must not decide about key material, use accounts
    or aliases.
  - Other inventory plugins can create groups with the same names. C(kms_keys:&tag_owner_treasury) selects only keys.
  - C(days_left) is counted from C(kms_key_read_at), which can be in the past with a cache. The cache contains what KMS
    returned about the keys and no credentials. It is not used if the configuration file requests different keys.
  - A host is a key. The playbooks of this collection that read all keys of a Region require hosts that are an account
    and Region.
  - To make the playbooks of this collection refuse credentials of another account, set C(cloudkeys_account_id) to
    C(kms_key_account_id) in O(compose). They then call AWS STS.
  - With O(assume_role_arn), C(cloudkeys_profile) is not set, and the tasks of a play require credentials of that role.
    This is not necessary with a profile that has C(role_arn).
  - "IAM: in each account and Region, the permissions that M(cloudkeys.aws.kms_key_material_info) requires without
    C(key_ids) and for tags."
requirements:
  - ansible-core >= 2.17.6
  - botocore >= 1.38.31 and boto3 >= 1.38.31, on the controller
seealso:
  - module: cloudkeys.aws.kms_key_material_info
  - module: cloudkeys.aws.kms_key_material
  - plugin: amazon.aws.aws_ec2
    plugin_type: inventory
    description: Creates hosts from EC2 instances.
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
# The smallest kms_keys.yml: the account and Region of the environment.
---
plugin: cloudkeys.aws.kms_keys

# fleet.kms_keys.yml: three accounts in two Regions each, with names like payments.eu-central-1.treasury.
# If access to one account is denied, the others are still included.
---
plugin: cloudkeys.aws.kms_keys
profiles: [treasury, ledger, archive]
regions: [eu-central-1, us-east-1]
hostname_suffixes: [region, profile]
strict_permissions: false

# owners.kms_keys.yml: only custom groups, such as owner_treasury and rotated.
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
# Every key is a host, so the play supports job slices. --limit 'payments.*' renews one key in all accounts and Regions.
---
- name: Renew the keys of the treasury that have less than 30 days left or lack key material
  hosts: kms_keys:&tag_owner_treasury:&days_left_under_30
  gather_facts: false
  module_defaults:
    group/cloudkeys.aws.aws: >-
      {{ {'region': cloudkeys_region | default(none), 'profile': cloudkeys_profile | default(none)}
         | dict2items | selectattr('value') | items2dict }}
  tasks:
    - name: Import the key material again
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

from ..module_utils._errors import CloudKeysError, Refusal
from ..module_utils._kms.client import Kms, client_config
from ..module_utils._kms.errors import quotable
from ..module_utils._kms.identifiers import refuse_region
from ..module_utils._kms.provenance import without_credentials
from ..module_utils._kms.traffic import Traffic
from ..module_utils._report.entry import Filters
from ..module_utils._versions import COLLECTION_NAME, COLLECTION_VERSION, MINIMUM_BOTOCORE_VERSION, NO_AMAZON_AWS
from ..plugin_utils._inventory.groups import EVERY_KEY, all_groups, groups_of, nested_groups
from ..plugin_utils._inventory.hosts import FoundKey, Naming, host_variables, name_hosts
from ..plugin_utils._inventory.places import Place, account_of_profile, read_places
from ..plugin_utils._templating import as_template, not_as_template

try:
    from ansible_collections.amazon.aws.plugins.module_utils.botocore import botocore_at_least
    from ansible_collections.amazon.aws.plugins.plugin_utils.inventory import AWSInventoryBase
except ImportError as error:
    raise AnsibleError(f"{NO_AMAZON_AWS} {error}") from error


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
            # A misspelled option such as profile would silently select another account.
            raise AnsibleParserError(f"Unknown option: {', '.join(unknown)}. See ansible-doc -t inventory {self.NAME}.")
        return config

    def _set_frozen_credentials(self) -> None:
        """Do nothing: a cached inventory requires no credentials. ``_reach`` reads them."""

    def _find(self, path: str, cache: bool) -> list[FoundKey]:
        """Return the keys, from the cache if possible.

        :raises CloudKeysError: a sentence.
        """
        if not botocore_at_least(MINIMUM_BOTOCORE_VERSION):
            raise CloudKeysError(
                f"botocore on the controller is older than {MINIMUM_BOTOCORE_VERSION}, the first version that lists all"
                f" key materials. Install a newer version: pip install 'botocore>={MINIMUM_BOTOCORE_VERSION}' boto3."
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
            # The cache is always replaced here, because it can hold the result of another request.
            self.update_cached_result(path, False, {"asked": asked, "keys": [key._asdict() for key in found.keys]})
        elif self.get_option("strict_permissions"):
            raise CloudKeysError(
                f"{' '.join(found.failures)} To create the inventory without these keys, set strict_permissions: false."
            )
        for failure in found.failures:
            self.warn(f"{failure} The inventory does not contain these keys.")
        return found.keys

    def _places(self) -> list[Place]:
        profiles = self.get_option("profiles")
        for name in ("access_key", "secret_key", "session_token", "assume_role_arn"):
            if profiles and self.get_option(name):
                raise CloudKeysError(
                    f"profiles and {name} are mutually exclusive, because both select accounts. {name} is set in the"
                    " file or by an environment variable. Remove one of them. To assume a role, set role_arn for its"
                    " profile in the AWS configuration."
                )
        role = self.get_option("assume_role_arn")
        places = []
        for profile in profiles or [self.get_option("profile")]:
            self._choose(profile)
            for region in self.get_option("regions") or [self.region]:
                if region:
                    refuse_region(region)
                # With a role, the account of the keys is not the one of the profile.
                places.append(Place(None if role else profile or None, region))
        return places

    def _choose(self, profile: str | None) -> None:
        """Select the account of all clients that are created after this."""
        if profile:
            self.set_option("profile", profile)

    def _reach(self, places: list[Place]) -> list[tuple[Place, Kms | str]]:
        """Create one client after the other, because boto3 sessions are not thread-safe."""
        if not self.region and places[0].region:
            # STS, which assumes the role, needs a Region.
            self.set_option("region", places[0].region)
        try:
            super()._set_frozen_credentials()
        except AnsibleError as error:
            return [(place, quotable(error)) for place in places]
        # Request quotas are per account and Region. Unknown accounts share one, because they can be the same account.
        traffic: defaultdict[str | None, Traffic] = defaultdict(Traffic)
        return [(place, self._kms(place, traffic[account_of_profile(place.profile)])) for place in places]

    def _kms(self, place: Place, traffic: Traffic) -> Kms | str:
        """Return KMS in this place, or a sentence about why it cannot be reached."""
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

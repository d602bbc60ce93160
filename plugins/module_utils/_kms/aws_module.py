# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The AnsibleAWSModule of this collection, with the version of botocore that it needs and its own user agent."""

from __future__ import annotations

import os
import sys
import typing as t
import weakref

from ansible_collections.amazon.aws.plugins.module_utils.common import set_collection_info
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from .._errors import CloudKeysError, Refusal
from .._versions import (
    COLLECTION_NAME,
    COLLECTION_VERSION,
    MINIMUM_BOTOCORE_VERSION,
)
from .account import EXPECTED_ACCOUNT, Caller, expected_account, refuse_caller, refuse_named_key
from .client import Kms, client_config
from .identifiers import pinned_region, refuse_region
from .provenance import Provenance, provenance_of
from .traffic import Traffic

__all__ = ("fail", "make_kms", "make_module", "region_of_keys")

# That of a process: a task is for one account, however many Regions and clients it has.
_TRAFFIC = Traffic()
# Whose the credentials of a task are: the same in every Region, so STS is asked once.
_CALLERS: weakref.WeakKeyDictionary[AnsibleAWSModule, Caller] = weakref.WeakKeyDictionary()


def make_module(argument_spec: dict[str, t.Any], **keywords: t.Any) -> AnsibleAWSModule:
    """The module, or a failure in words where boto3 is missing or botocore too old on this target.

    Beside its own options it has those of every module here that calls AWS.
    """
    set_collection_info(collection_name=COLLECTION_NAME, collection_version=COLLECTION_VERSION)
    module = AnsibleAWSModule(argument_spec={**EXPECTED_ACCOUNT, **argument_spec}, **keywords)
    try:
        expected_account(module.params["expected_account_id"])
    except Refusal as refusal:
        fail(module, refusal)
    if not module.botocore_at_least(MINIMUM_BOTOCORE_VERSION):
        import botocore

        module.fail_json(
            msg=(
                f"The target's Python, {sys.executable}, has botocore {botocore.__version__}; {COLLECTION_NAME} needs"
                f" {MINIMUM_BOTOCORE_VERSION} or newer, the first with the parameters ImportType and KeyMaterialId of"
                f" ImportKeyMaterial. Install it there (pip install 'botocore>={MINIMUM_BOTOCORE_VERSION}' boto3), or"
                " set ansible_python_interpreter to a Python that has it."
            )
        )
    return module


def make_kms(module: AnsibleAWSModule, region: str | None = None, traffic: Traffic = _TRAFFIC) -> Kms:
    """KMS as the task's options reach it.

    One thread makes them all: boto3's clients may be shared by threads, and what makes them may not (boto3 guide,
    "Multithreading or multiprocessing with clients").

    :param region: None for the Region of the task.
    :param traffic: where it is not to be that of every module, which keeps to AWS's own quotas.
    :raises Refusal: there is none, or none can have this name; AnsibleAWSModule would end the module. Or the
        credentials are not known to be of the account that the task expects.
    """
    refuse_region(region or module.region, module.params["profile"])
    in_region = {} if region is None else {"region": region}
    client = module.client("kms", config=client_config(), **in_region)
    certificates = "unverified"
    if module.params["validate_certs"]:
        certificates = module.params["aws_ca_bundle"] or "verified"
    provenance = provenance_of(client, certificates)
    account = module.params["expected_account_id"]
    if account is not None:
        if module not in _CALLERS:
            _CALLERS[module] = _ask_caller(module, provenance, in_region)
        refuse_caller(_CALLERS[module], account)
    return Kms(client, provenance=provenance, traffic=traffic, expected_account=account)


def _ask_caller(module: AnsibleAWSModule, kms: Provenance, in_region: t.Mapping[str, t.Any]) -> Caller:
    """:param kms: how KMS answers.
    :raises Refusal: nobody says whose the credentials are.
    """
    # Not above: few tasks need it.
    from .caller import ask_caller, sts_client

    def make(endpoint: str | None, config: t.Any) -> t.Any:
        return module.client("sts", endpoint=endpoint, config=config, **in_region)

    return ask_caller(sts_client(make, kms))


def region_of_keys(module: AnsibleAWSModule, keys: t.Sequence[str], option: str = "key_id") -> str | None:
    """The Region to make KMS for when the task names these *keys*; None for the task's own.

    :param option: which names them, for a sentence.
    :raises Refusal: they do not agree, or one is in another account than the task expects.
    """
    for key in keys:
        refuse_named_key(key, module.params["expected_account_id"], option)
    region = module.params["region"]
    # The environment may name any Region: it is not about this key.
    declared = None if region in (os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")) else region
    return pinned_region(keys, declared, lambda: module.region, option)


def fail(module: AnsibleAWSModule, error: CloudKeysError, **result: t.Any) -> t.NoReturn:
    """Ends the module with the error's sentence, and beside it what the error and *result* say."""
    module.fail_json(msg=error.sentence, **{**result, **error.details})
    raise error  # Never: fail_json has ended the process, which AnsibleAWSModule's types do not say.

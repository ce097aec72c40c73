"""Vault's auth method aws: the real Vault, which has moto's STS say whose signature it is. (Azure's asks Microsoft's own servers:
tests/unit/provider_vault/test_vault_cloud_login.cpp has what is sent.)"""
import re

import pytest
from harness.aws import Moto
from harness.scenario import vault_config
from harness.stores import peer

MOTO_PORT, SERVER_ID = "15041", "vault.dso.test"


@pytest.fixture
def account():
    store = Moto(peer("moto.sh", "start", MOTO_PORT))
    store.checks(True)
    yield store
    peer("moto.sh", "stop", MOTO_PORT)


def test_aws_login(dso, vault, account, unique, canary, world):
    mount, name, value = f"aws-{world.id}", unique("v"), canary()
    vault.put(name, password=value)
    vault.call("POST", f"sys/auth/{mount}", {"type": "aws"})
    try:
        vault.call("POST", f"auth/{mount}/config/client",
                   {"sts_endpoint": account.url, "iam_endpoint": account.url, "iam_server_id_header_value": SERVER_ID})
        key_id, key = account.user("web", {"Action": "sts:GetCallerIdentity", "Resource": "*"})
        vault.call("POST", f"auth/{mount}/role/web", {
            "auth_type": "iam", "bound_iam_principal_arn": ["arn:aws:iam::123456789012:user/web"], "resolve_aws_unique_ids": False,
            "token_policies": ["dso"], "token_ttl": "60s"})

        def config(**params):
            inner = ", ".join(f"{k}: {v}" for k, v in {"mount": mount, **params}.items())
            dso.config(vault_config(vault, settings=f"  auth: {{method: aws, params: {{{inner}}}}}\n  retry: {{attempts: 1}}\n"))

        env = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": key}
        config(role="web", header_value=SERVER_ID)
        done = dso("fetch", name, "--field", "password", "--reveal", env=env)
        assert done.out == value and "as aws web" in done.err
        for params, variables, expected in (
                ({"role": "web"}, env, r"InvalidCredentials: .*header_value"),
                ({"role": "nobody", "header_value": SERVER_ID}, env, r"InvalidCredentials: .*no such role.*vault list"),
                ({"role": "web", "header_value": SERVER_ID}, {**env, "AWS_SECRET_ACCESS_KEY": "x" * 40},
                 r"InvalidCredentials: AWS does not accept the signature"),
                ({"role": "web", "header_value": SERVER_ID}, {"AWS_EC2_METADATA_DISABLED": "true"}, r"CredentialsUnavailable: ")):
            config(**params)
            failed = dso("fetch", name, env=variables, check=False)
            assert failed.rc == 3 and re.search(rf"'{name}'.*{expected}", failed.err), failed
            assert key not in failed.err
    finally:
        vault.call("DELETE", f"sys/auth/{mount}")
        vault.delete(name)

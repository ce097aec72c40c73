"""`dso fetch` from AWS: moto as the store (signatures and IAM policies checked), behind a proxy that gives its errors the real
services' shape; the rows of the error table, the ways to credentials, and that no value is left anywhere."""
import json
import math
import os
import re

import pytest
from harness import places
from harness.aws import REGION, Moto
from harness.boto3_oracle import ORACLE
from harness.polls import AGENT, AT_ONCE, SECRETS, Watched
from harness.scenario import FAST, reads, run
from harness.stores import FaultProxy, peer

MOTO_PORT, PROXY_PORT, IMDS_PORT = "15031", "15032", "15033"
GET = "secretsmanager:GetSecretValue"


@pytest.fixture(scope="module")
def moto():
    store = Moto(peer("moto.sh", "start", MOTO_PORT))
    yield store
    peer("moto.sh", "stop", MOTO_PORT)


@pytest.fixture(scope="module")
def aws_proxy(moto):
    os.environ["AWS_SHAPE"] = "1"
    try:
        facts = peer("faultproxy.sh", "start", PROXY_PORT, moto.url)
    finally:
        del os.environ["AWS_SHAPE"]
    yield FaultProxy(facts["FAULTPROXY_URL"], facts["FAULTPROXY_CONTROL"], moto.ca)
    peer("faultproxy.sh", "stop", PROXY_PORT)


@pytest.fixture
def proxy(aws_proxy, moto):
    aws_proxy.reset()
    moto.checks(True)
    yield aws_proxy
    aws_proxy.reset()
    moto.checks(True)


@pytest.fixture(scope="module")
def reader(moto):
    """May read secrets and parameters."""
    return moto.user("reader", {"Action": [GET, "ssm:GetParameters"], "Resource": "*"})


@pytest.fixture
def config(dso, proxy, moto):
    """config("  more: settings\\n") writes ./dso.yaml"""
    def write(settings="", endpoint=None, ca=True):
        trust = f"  ca_file: {moto.ca}\n" if ca else ""
        dso.config(f"provider: aws\nconfig:\n  region: {REGION}\n  endpoint: {endpoint or proxy.url}\n{trust}"
                   f"  retry: {{attempts: 1}}\n{settings}")
    write()
    return write


def keys(pair, **more):
    return {"AWS_ACCESS_KEY_ID": pair[0], "AWS_SECRET_ACCESS_KEY": pair[1], **more}


NO_MACHINE = {"AWS_EC2_METADATA_DISABLED": "true"}


# What is read


def test_json_text_binary_and_versions(dso, config, moto, reader, unique, canary):
    name, old, new = unique("db"), canary(), canary()
    arn = moto.create(name, json.dumps({"password": old, "port": 5432}))["ARN"]
    first = dso("fetch", name, "--format", "json", env=keys(reader))
    assert json.loads(first.out)["version"], first
    assert dso("fetch", f"{name}#password", "--reveal", env=keys(reader)).out.strip() == old
    assert dso("fetch", f"{name}#port", "--reveal", env=keys(reader)).out.strip() == "5432"
    second = moto.put(name, json.dumps({"password": new, "port": 5432}))
    assert dso("fetch", f"{name}#password", "--reveal", env=keys(reader)).out.strip() == new
    assert dso("fetch", f"{name}#password", "--reveal", "--version", "AWSPREVIOUS", env=keys(reader)).out.strip() == old
    assert dso("fetch", f"{name}?version=AWSPREVIOUS#password", "--reveal", env=keys(reader)).out.strip() == old
    assert dso("fetch", f"{name}#password", "--reveal", "--version", second, env=keys(reader)).out.strip() == new
    assert dso("fetch", f"{arn}#password", "--reveal", env=keys(reader)).out.strip() == new

    text = canary()
    moto.create(name + "-text", text)
    assert dso("fetch", name + "-text", "--reveal", env=keys(reader)).out.strip() == text
    moto.create(name + "-bin", binary=bytes(range(256)))
    shown = dso.world.run([dso.bin, "fetch", name + "-bin", "--format", "json"], env=keys(reader))
    assert json.loads(shown.out)["version"]


def test_parameters_of_ssm(dso, config, moto, reader, unique, canary):
    name, value = "/" + unique("p"), canary()
    moto.json("ssm", "AmazonSSM.PutParameter", Name=name, Value=json.dumps({"password": value}), Type="SecureString")
    assert dso("fetch", f"ssm:{name}#password", "--reveal", env=keys(reader)).out.strip() == value
    gone = dso("fetch", f"ssm:{name}-none", env=keys(reader), check=False)
    assert gone.rc == 4 and "ParameterNotFound" in gone.err, gone
    newer = canary()
    moto.json("ssm", "AmazonSSM.PutParameter", Name=name, Value=json.dumps({"password": newer}), Type="SecureString", Overwrite=True)
    assert dso("fetch", f"ssm:{name}:1#password", "--reveal", env=keys(reader)).out.strip() == value
    assert dso("fetch", f"ssm:{name}?version=2#password", "--reveal", env=keys(reader)).out.strip() == newer


@pytest.mark.parametrize("batch", [True, False], ids=["twenty a call", "one by one"])
def test_rotation_is_seen_by_a_poll(dso, agent, docker, config, moto, reader, unique, canary, batch):
    """Through the agent, two secrets at a poll; a user who may not ask for a batch gets them one by one, and is told once."""
    who = reader
    if batch:
        who = moto.user(unique("batch").replace("/", "-"), {"Action": [GET, "secretsmanager:BatchGetSecretValue"], "Resource": "*"})
    names, values = [unique("a"), unique("b")], [canary(), canary()]
    for name, value in zip(names, values):
        moto.create(name, json.dumps({name[-4:]: value}))
    config(FAST)
    c = run(dso, docker, secret=names, labels={"dso.strategy": "signal", "dso.signal": "SIGHUP"}, env=keys(who))
    proc = agent(env=keys(who))
    file = f"/run/secrets/{names[0][-4:]}"
    reads(c, file, values[0])
    new = canary()
    moto.put(names[0], json.dumps({names[0][-4:]: new}))
    reads(c, file, new, 40)
    assert len(proc.lines("BatchGetSecretValue is not possible")) == (0 if batch else 1), proc.text()


def test_500_secrets_cost_25_calls_and_so_does_a_quiet_poll(dso, agent, docker, config, moto, proxy, unique, canary):
    """And 60 parameters of SSM six."""
    stem, value = unique("polls"), canary()
    names = [f"{stem}/{n:03}" for n in range(SECRETS)]
    parameters = [f"/{stem}/p{n:02}" for n in range(60)]
    moto.checks(False)
    # one after the other: moto goes through its dictionaries while another request would add to them, and answers 500
    for n, name in enumerate(names):
        moto.create(name, json.dumps({f"f{n}": value}))
    for n, name in enumerate(parameters):
        moto.json("ssm", "AmazonSSM.PutParameter", Name=name, Value=json.dumps({f"p{n}": value}), Type="SecureString")
    config(AGENT)
    watched = Watched(dso, agent, docker, proxy, names + [f"ssm\\:{p}" for p in parameters], keys(moto.key))
    calls = math.ceil(SECRETS / 20) + len(parameters) // 10
    assert len(watched.first) == calls
    assert [len(poll) for poll in watched.polls] == [calls, calls]
    assert watched.most <= AT_ONCE


# Who asks


def test_keys_in_files(dso, config, moto, reader, unique, canary, world):
    name, value = unique("f"), canary()
    moto.create(name, value)
    file = world.work / "key"
    file.write_text(reader[1] + "\n")
    file.chmod(0o600)
    config(f"  auth: {{method: access_key, params: {{access_key_id: {reader[0]}, secret_access_key_file: {file}}}}}\n")
    r = dso("fetch", name, "--reveal")
    assert r.out.strip() == value and reader[0] in r.err and reader[1] not in r.err


def test_profile_and_role_of_the_files(dso, config, moto, unique, canary, world):
    name, value = unique("r"), canary()
    moto.create(name, value)
    role = moto.role("r-" + name[-8:], {"Action": GET, "Resource": "*"})
    pair = moto.user("u-" + name[-8:], {"Action": "sts:AssumeRole", "Resource": role})
    folder = world.home / ".aws"
    folder.mkdir()
    (folder / "credentials").write_text(f"[base]\naws_access_key_id = {pair[0]}\naws_secret_access_key = {pair[1]}\n")
    (folder / "config").write_text(f"[profile dso]\nrole_arn = {role}\nsource_profile = base\n")
    for f in folder.iterdir():
        f.chmod(0o600)
    config("  profile: dso\n")
    r = dso("fetch", name, "--reveal")
    assert r.out.strip() == value and role in r.err
    config()
    denied = dso("fetch", name, env={"AWS_PROFILE": "base"}, check=False)
    assert denied.rc == 3 and GET in denied.err, denied


def test_credential_process(dso, config, moto, reader, unique, canary, world):
    """The program that the profile names, if the config allows it; where it fails that is said, and what it printed is not."""
    name, value = unique("p"), canary()
    moto.create(name, value)
    folder, program = world.home / ".aws", world.home / "creds"
    folder.mkdir()
    printed = json.dumps({"Version": 1, "AccessKeyId": reader[0], "SecretAccessKey": reader[1]})
    program.write_text(f"#!/bin/sh\n[ \"$1\" = 'for dso' ] || {{ echo '{printed}'; exit 7; }}\necho '{printed}'\n")
    program.chmod(0o700)
    profile = folder / "config"
    profile.write_text(f"[profile p]\ncredential_process = {program} 'for dso'\n")
    config("  profile: p\n")
    refused = dso("fetch", name, check=False)
    assert refused.rc == 1 and "auth: {params: {allow_credential_process: true}}" in refused.err, refused
    config("  profile: p\n  auth: {params: {allow_credential_process: true}}\n")
    got = dso("fetch", name, "--reveal")
    assert got.out.strip() == value and "credential_process of profile p" in got.err, got
    profile.write_text(f"[profile p]\ncredential_process = {program} other\n")
    failed = dso("fetch", name, check=False)
    assert failed.rc == 3 and f"'{program}' of credential_process failed: it ended with exit code 7" in failed.err, failed
    assert reader[1] not in failed.err + refused.err + got.err


def test_instance_and_container_credentials(dso, docker, config, moto, reader, unique, canary):
    name, value = unique("i"), canary()
    moto.create(name, value)
    os.environ["PEER_AWS_KEY"] = ":".join(reader)
    try:
        imds = peer("imds.sh", "start", IMDS_PORT)
    finally:
        del os.environ["PEER_AWS_KEY"]
    try:
        r = dso("fetch", name, "--reveal", env={"AWS_EC2_METADATA_SERVICE_ENDPOINT": imds["AWS_EC2_METADATA_SERVICE_ENDPOINT"]})
        assert r.out.strip() == value and "instance role peer-role" in r.err
        config(f"secrets:\n  - name: {name}\n")
        inside = docker.run("sleep", "600", options=("--label", "dso.reloader=true"))
        seen = dso("doctor", "--format", "json", env={"AWS_EC2_METADATA_SERVICE_ENDPOINT": imds["AWS_EC2_METADATA_SERVICE_ENDPOINT"]}, check=False)
        rows = {row["check"]: row for row in json.loads(seen.out)["rows"] if row["subject"] == "default"}
        assert rows["store.identity"]["found"] == "instance role peer-role" and rows["store.imds"]["level"] == "ok"
        # its own 127.0.0.1 is not the host's
        assert rows["store.imds_container"]["level"] == "ok" and f"in the network of '{inside.name}'" in rows["store.imds_container"]["found"]
        env = {k: imds[k] for k in ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")}
        r = dso("fetch", name, "--reveal", env=env)
        assert r.out.strip() == value and "role arn:aws:iam::123456789012:role/peer-role" in r.err
    finally:
        peer("imds.sh", "stop", IMDS_PORT)


# The table of errors


@pytest.fixture(scope="module")
def secret(moto):
    name = "e2e/aws-errors"
    moto.create(name, "nothing of worth")
    return name


def fails(dso, name, env, cls, rc, *parts, version=None):
    r = dso("fetch", name, *(("--version", version) if version else ()), env={**NO_MACHINE, **env}, check=False)
    assert r.rc == rc, r
    assert f": {cls}: " in r.err and f"'{name}'" in r.err, r
    for part in parts:
        assert part in r.err, (part, r)
    assert env.get("AWS_SECRET_ACCESS_KEY", "no such key") not in r.err + r.out
    return r


def test_not_found(dso, config, reader):
    r = fails(dso, "e2e/none", keys(reader), "NotFound", 4, "ResourceNotFoundException", reader[0], REGION, "Check the name")
    assert re.search(r"request \S+", r.err), r


def test_version_not_found(dso, config, proxy, secret, reader):
    fails(dso, secret, keys(reader), "VersionNotFound", 4, "ResourceNotFoundException", "list-secret-version-ids",
          version="01234567-89ab-cdef-0123-456789abcdef")
    # moto takes an unknown stage for a missing secret; these are the service's words
    proxy.fault(status=400, body=json.dumps({"__type": "ResourceNotFoundException", "Message":
                                             "Secrets Manager can't find the specified secret value for staging label: NOSUCH"}))
    fails(dso, secret, keys(reader), "VersionNotFound", 4, "'NOSUCH'", version="NOSUCH")


def test_deleted(dso, config, moto, reader, unique):
    name = unique("gone")
    moto.create(name, "x")
    moto.json("secretsmanager", "secretsmanager.DeleteSecret", SecretId=name)
    fails(dso, name, keys(reader), "Deleted", 4, "InvalidRequestException", f"restore-secret --secret-id {name}")


def test_access_denied_names_action_secret_and_who(dso, config, moto, secret, unique):
    user = unique("nobody").replace("/", "-")
    pair = moto.user(user)
    fails(dso, secret, keys(pair), "AccessDenied", 3, "AccessDeniedException", f"Allow {GET} on arn:aws:secretsmanager:{REGION}:*:secret:{secret}",
          f"arn:aws:iam::123456789012:user/{user}")


def test_unknown_key(dso, config, secret):
    fails(dso, secret, keys(("AKIANOSUCHKEY0000000", "secret-key-of-nobody")), "InvalidCredentials", 3, "UnrecognizedClientException", "AKIANOSUCHKEY0000000")


def test_wrong_secret_key(dso, config, secret, reader):
    fails(dso, secret, keys((reader[0], "wrong-secret-key-of-ours")), "InvalidCredentials", 3, "InvalidSignatureException", reader[0])


def test_no_credentials_says_where_it_looked(dso, config, secret):
    fails(dso, secret, {}, "CredentialsUnavailable", 3, "environment", "profile", "instance metadata")


@pytest.mark.parametrize("status, code, message, cls, rc, part", [
    (400, "ExpiredTokenException", "The security token included in the request is expired", "InvalidCredentials", 3, "expired"),
    (400, "ThrottlingException", "Rate exceeded", "Throttled", 5, "polling_interval"),
    (500, "InternalServiceError", "", "Unavailable", 5, "Health Dashboard"),
    (503, "ServiceUnavailable", "", "Unavailable", 5, "503"),
    (400, "DecryptionFailure", "Secrets Manager can't decrypt", "DecryptFailed", 1, "kms:Decrypt"),
    (400, "AccessDeniedException", "Access to KMS is not allowed", "DecryptFailed", 1, "kms:Decrypt"),
    (403, "RequestTimeTooSkewed", "", "ClockSkew", 3, "timedatectl"),
    (400, "InvalidParameterException", "", "InvalidRequest", 1, "Check the name"),
], ids=lambda v: v if isinstance(v, str) and v[:1].isupper() and " " not in v else "")
def test_what_the_service_may_say(dso, config, proxy, secret, reader, status, code, message, cls, rc, part):
    proxy.fault(times=10, status=status, headers={"x-amzn-requestid": "req-of-the-test", "Content-Type": "application/x-amz-json-1.1"},
                body=json.dumps({"__type": code, "message": message}))
    r = dso("fetch", secret, env=keys(reader), check=False)
    assert f": {cls}: " in r.err and code in r.err and "request req-of-the-test" in r.err and reader[0] in r.err and part in r.err, r
    assert r.rc == rc, r


def test_an_answer_that_is_not_aws(dso, config, proxy, secret, reader):
    proxy.fault(times=10, status=200, body="<html>log in to the hotel's network</html>")
    r = fails(dso, secret, keys(reader), "Malformed", 1, "proxy")
    assert "hotel" not in r.err


def test_network_and_tls(dso, config, secret, reader):
    config(endpoint="https://127.0.0.1:1")
    fails(dso, secret, keys(reader), "Network", 5, "reachable", REGION)
    config(ca=False)
    fails(dso, secret, keys(reader), "TlsError", 5, "ca_file")


def test_a_setting_that_is_not_known(dso, config, secret, reader):
    config("  auth: {params: {use_fisp: 'true'}}\n")
    r = dso("fetch", secret, env=keys(reader), check=False)
    assert r.rc == 2 and "auth.params.use_fisp" in r.err and "Did you mean 'use_fips'?" in r.err, r


# The SDK as the oracle

@pytest.fixture
def boto3(world, moto):
    """boto3(what, env=…, **session): what the SDK of AWS itself finds in the same environment."""
    def ask(what, env=None, url=None, **session):
        done = world.run([places.PEER_STATE / "moto" / "bin" / "python", "-c", ORACLE, what, json.dumps({"region_name": REGION, **session})],
                         env={"AWS_ENDPOINT_URL": url or moto.url, "AWS_CA_BUNDLE": moto.ca, **NO_MACHINE, **(env or {})})
        return done.out.strip()
    return ask


@pytest.mark.parametrize("text", ["plain", " blanks \n", "{\"a\": \"é\\u20ac\\ud83d\\ude00\\n\\\"q\\\"\", \"n\": 1.50, \"o\": {\"x\": [1, null]}}",
                                  "[1, 2]", "{}", "{not json", "\U0001f600" * 5000, "0"], ids=range(8))
def test_values_as_boto3_reads_them(dso, config, moto, reader, unique, boto3, text):
    name = unique("oracle")
    moto.create(name, text)
    version, value, _ = json.loads(boto3(name, env=keys(reader)))
    assert value == text
    got = json.loads(dso("fetch", name, "--format", "json", "--reveal", env=keys(reader)).out)
    assert got["version"] == version
    try:
        expected = json.loads(text)
    except ValueError:
        expected = None
    if not isinstance(expected, dict) or not expected:
        assert got["fields"] == {"value": text}
    else:
        assert set(got["fields"]) == set(expected)
        for k, v in expected.items():
            assert (got["fields"][k] if isinstance(v, str) else json.loads(got["fields"][k])) == v


CREDENTIALS = "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s\n[work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=s=+/\n"
CONFIG = ("[default]\noutput = json\n[profile conf]\naws_access_key_id = AKIACONF\naws_secret_access_key = s\n"
          "[profile both]\naws_access_key_id = AKIAFIRST\naws_secret_access_key = s\n[work]\naws_access_key_id = AKIAIGNORED\naws_secret_access_key = s\n")
BOTH = "[both]\naws_access_key_id = AKIASECOND\naws_secret_access_key = s\n"


@pytest.mark.parametrize("env, profile", [
    ({}, None), ({"AWS_PROFILE": "work"}, None), ({"AWS_PROFILE": "conf"}, None), ({"AWS_PROFILE": "both"}, None), ({}, "work"), ({}, "both"),
    ({"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"}, None),
    ({"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"}, "work"),
    ({"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_PROFILE": "work"}, None),
], ids=range(9))
def test_the_key_that_boto3_would_use(dso, config, moto, world, secret, boto3, env, profile):
    moto.checks(False)
    folder = world.home / ".aws"
    folder.mkdir()
    for name, text in (("credentials", CREDENTIALS + BOTH), ("config", CONFIG)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    key = boto3("key", env=env, **({"profile_name": profile} if profile else {}))
    assert key.startswith("AKIA")
    config(f"  profile: {profile}\n" if profile else "")
    assert f"access key {key} " in dso("fetch", secret, env={**NO_MACHINE, **env}).err


def test_errors_as_boto3_names_them(dso, config, moto, proxy, reader, unique, secret, boto3):
    """The code that boto3 puts into its ClientError, asked by way of the same proxy, stands in ours, and each has its class."""
    gone, nobody = unique("oracle-gone"), moto.user(unique("oracle-nobody").replace("/", "-"))
    moto.create(gone, "x")
    moto.json("secretsmanager", "secretsmanager.DeleteSecret", SecretId=gone)
    rows = [(reader, "e2e/oracle-none", None, "ResourceNotFoundException", "NotFound"),
            (reader, secret, "01234567-89ab-cdef-0123-456789abcdef", "ResourceNotFoundException", "VersionNotFound"),
            (reader, gone, None, "InvalidRequestException", "Deleted"),
            (nobody, secret, None, "AccessDeniedException", "AccessDenied"),
            (("AKIANOSUCHKEY0000000", "of-nobody"), secret, None, "UnrecognizedClientException", "InvalidCredentials"),
            ((reader[0], "wrong-key-of-ours"), secret, None, "InvalidSignatureException", "InvalidCredentials")]
    codes = json.loads(boto3(json.dumps([[*who, name, version] for who, name, version, _, _ in rows]), url=proxy.url))
    assert codes == [code for _, _, _, code, _ in rows]
    for who, name, version, code, cls in rows:
        fails(dso, name, keys(who), cls, 3 if cls in ("AccessDenied", "InvalidCredentials") else 4, code, version=version)

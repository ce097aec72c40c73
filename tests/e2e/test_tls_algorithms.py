"""Which of OpenSSL's algorithms are linked in is DSO's choice (core/base/openssl): every cipher suite, group and key that a store's
server may ask for is tried against the system's OpenSSL, which has them all."""
import contextlib
import json
import socket
import ssl
import subprocess
import threading

import pytest

CERTIFICATES = {
    "rsa-2048": ("-newkey", "rsa:2048"),
    "rsa-4096": ("-newkey", "rsa:4096", "-sha512"),
    "rsa-sha384": ("-newkey", "rsa:3072", "-sha384"),
    "rsa-sha224": ("-newkey", "rsa:2048", "-sha224"),
    "rsa signed by pss": ("-newkey", "rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"),
    "rsa-pss": ("-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"),
    "p-256": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "p-384": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384"),
    "p-521": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-sha512"),
    "ed25519": ("-newkey", "ed25519"),
}
# all of the default list for TLS 1.2, in the two ways of showing who the server is
RSA_SUITES = ["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305", "DHE-RSA-AES256-GCM-SHA384",
              "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA256", "DHE-RSA-AES256-SHA256",
              "DHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA", "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES256-SHA", "DHE-RSA-AES128-SHA", "AES256-GCM-SHA384",
              "AES128-GCM-SHA256", "AES256-SHA256", "AES128-SHA256", "AES256-SHA", "AES128-SHA"]
EC_SUITES = ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES256-SHA384",
             "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA"]
GROUPS = ["X25519", "prime256v1", "secp384r1", "secp521r1"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    made = {}

    def make(kind):
        if kind not in made:
            folder = tmp_path_factory.mktemp("certificate")
            cert, key = folder / "cert.pem", folder / "key.pem"
            subprocess.run(["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                            *CERTIFICATES[kind], "-keyout", key, "-out", cert], check=True, capture_output=True)
            for f in (cert, key):
                f.chmod(0o600)
            made[kind] = cert, key
        return made[kind]
    return make


@contextlib.contextmanager
def store(context, value):
    """One answer of Vault's for each connection, and what was agreed on."""
    answer = json.dumps({"data": {"data": {"password": value}, "metadata": {"version": 1}}}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\nConnection: close\r\n\r\n".encode()
    agreed, listener = [], socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), client, context.wrap_socket(client, server_side=True) as tls:
                agreed.append((tls.version(), tls.cipher()[0]))
                tls.recv(65536)
                tls.sendall(head + answer)
                tls.unwrap()
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}", agreed
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def fetch(dso, canary, certificate, kind, set_up, settings=""):
    cert, key = certificate(kind)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    set_up(context)
    value = canary()
    with store(context, value) as (address, agreed):
        dso.config(f"provider: vault\nconfig:\n  address: {address}\n  ca_file: {cert}\n  mount: secret\n  kv_version: 2\n"
                   f"  retry: {{attempts: 1}}\n{settings}")
        assert value in dso("fetch", "--reveal", "db#password", env={"VAULT_TOKEN": "hvs.of-nobody"}).out
    return agreed[0]


@pytest.fixture(scope="module")
def dh_params(tmp_path_factory):
    file = tmp_path_factory.mktemp("dh") / "params.pem"
    subprocess.run(["openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", file], check=True, capture_output=True)
    return file


@pytest.mark.parametrize("kind", CERTIFICATES)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_certificates(dso, canary, certificate, kind, version):
    def set_up(context):
        context.minimum_version = context.maximum_version = version
    assert fetch(dso, canary, certificate, kind, set_up)[0] == ("TLSv1.2" if version == ssl.TLSVersion.TLSv1_2 else "TLSv1.3")


@pytest.mark.parametrize("kind,suites", [("rsa-2048", RSA_SUITES), ("p-256", EC_SUITES)], ids=["rsa", "ec"])
def test_suites_of_tls_1_2(dso, canary, certificate, dh_params, kind, suites):
    for suite in suites:
        def set_up(context, suite=suite):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(suite)
            context.load_dh_params(dh_params)
        assert fetch(dso, canary, certificate, kind, set_up) == ("TLSv1.2", suite)


def test_groups(dso, canary, certificate):
    for group in GROUPS:
        fetch(dso, canary, certificate, "p-256", lambda context, group=group: context.set_ecdh_curve(group))


@pytest.mark.parametrize("kind,made_of", [("PKCS 8", "rsa-2048"), ("PKCS 1", "rsa-2048"), ("SEC 1", "p-256"), ("PKCS 8", "p-384"), ("PKCS 8", "ed25519")])
def test_keys_of_a_client(dso, canary, certificate, tmp_path, kind, made_of):
    cert, key = certificate(made_of)
    own = tmp_path / "client.key"
    if kind == "PKCS 8":
        own.write_bytes(key.read_bytes())
    else:
        subprocess.run(["openssl", *(("rsa", "-traditional") if kind == "PKCS 1" else ("ec",)), "-in", key, "-out", own], check=True, capture_output=True)
    own.chmod(0o600)
    assert {"PKCS 8": "BEGIN PRIVATE", "PKCS 1": "BEGIN RSA", "SEC 1": "BEGIN EC"}[kind] in own.read_text()

    def set_up(context):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cert)
    fetch(dso, canary, certificate, "p-256", set_up, f"  client_cert: {cert}\n  client_key: {own}\n")

"""The program that asks AWS's own SDK, run by the Python of the peers' venv."""

ORACLE = """
import base64, boto3, json, sys
session = boto3.Session(**json.loads(sys.argv[2]))
if sys.argv[1] == "key":
    c = session.get_credentials()
    print(c.access_key if c else "")
elif sys.argv[1].startswith("["):
    codes = []
    for key, secret, name, version in json.loads(sys.argv[1]):
        client = boto3.Session(key, secret, **json.loads(sys.argv[2])).client("secretsmanager")
        try:
            client.get_secret_value(SecretId=name, **({"VersionId": version} if version else {}))
            codes.append(None)
        except client.exceptions.ClientError as e:
            codes.append(e.response["Error"]["Code"])
    print(json.dumps(codes))
else:
    r = session.client("secretsmanager").get_secret_value(SecretId=sys.argv[1])
    print(json.dumps([r["VersionId"], r.get("SecretString"), base64.b64encode(r.get("SecretBinary", b"")).decode()]))
"""

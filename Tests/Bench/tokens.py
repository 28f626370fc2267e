"""Prints one JSON document: a set of public keys, and for each algorithm tokens of which no two are the same."""

import json
import time

from joserfc import jwk, jwt

COUNT = 1801
KEYS = {
    "RS256": jwk.RSAKey.generate_key(2048, {"kid": "RS256", "alg": "RS256"}),
    "PS256": jwk.RSAKey.generate_key(2048, {"kid": "PS256", "alg": "PS256"}),
    "ES256": jwk.ECKey.generate_key("P-256", {"kid": "ES256", "alg": "ES256"}),
    "EdDSA": jwk.OKPKey.generate_key("Ed25519", {"kid": "EdDSA", "alg": "EdDSA"}),
}


def token(algorithm, number):
    now = int(time.time())
    claims = {"iss": "bench", "aud": "bench", "sub": "robot", "iat": now, "exp": now + 3600, "jti": f"{number:08}"}
    return jwt.encode({"alg": algorithm, "kid": algorithm}, claims, KEYS[algorithm], algorithms=[algorithm])


print(
    json.dumps(
        {
            "keys": json.dumps({"keys": [key.as_dict(private=False) for key in KEYS.values()]}),
            "tokens": {name: [token(name, number) for number in range(COUNT)] for name in KEYS},
        }
    )
)

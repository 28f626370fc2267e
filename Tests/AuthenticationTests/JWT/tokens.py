"""Makes keys, a genuine token of every algorithm, and tokens and key sets that must be refused.

Writes one JSON document. What is genuine is made by joserfc; what is forged is put together here, and signed by
cryptography where it is signed at all.
"""

import base64
import hashlib
import hmac
import itertools
import json
import sys
import warnings

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from joserfc import jwk, jwt

warnings.simplefilter("ignore")

NOW = int(sys.argv[1])
ISSUER = sys.argv[2]
AUDIENCE = sys.argv[3]
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "worker", "iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 600}
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def b64(data):
    if isinstance(data, str):
        data = data.encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, length=None):
    return b64(value.to_bytes(length or max(1, (value.bit_length() + 7) // 8), "big"))


def claims(**changes):
    changed = dict(CLAIMS)
    for name, value in changes.items():
        if value is ...:
            del changed[name]
        else:
            changed[name] = value
    return changed


def raw_ecdsa(private, data, digest):
    r, s = utils.decode_dss_signature(private.sign(data, ec.ECDSA(digest)))
    length = (private.curve.key_size + 7) // 8
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")


def signature(private, data, algorithm):
    """By any private key; `algorithm` as in a header."""
    digest = HASHES.get(algorithm[2:])
    if algorithm.startswith("RS"):
        return private.sign(data, padding.PKCS1v15(), digest)
    if algorithm.startswith("PS"):
        return private.sign(data, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    if algorithm.startswith("ES"):
        return raw_ecdsa(private, data, digest)
    return private.sign(data)


def token(header, payload, sign):
    """`header` and `payload`: texts, or what is to be JSON; `sign`: takes what is to be signed."""
    parts = [part if isinstance(part, (str, bytes)) else json.dumps(part) for part in (header, payload)]
    signed = ".".join(map(b64, parts))
    return signed + "." + b64(sign(signed.encode()))


# One key for each algorithm, two of them in one with RSA; `plain` has no alg.
RSA = rsa.generate_private_key(65537, 2048)
EC = {name: ec.generate_private_key(curve) for name, curve in
      [("P-256", ec.SECP256R1()), ("P-384", ec.SECP384R1()), ("P-521", ec.SECP521R1())]}
ED = ed25519.Ed25519PrivateKey.generate()
STRANGER = rsa.generate_private_key(65537, 2048)
PRIVATE = {"RS256": RSA, "RS384": RSA, "RS512": RSA, "PS256": RSA, "PS384": RSA, "PS512": RSA,
           "ES256": EC["P-256"], "ES384": EC["P-384"], "ES512": EC["P-521"], "EdDSA": ED}


def public_members(private):
    if isinstance(private, rsa.RSAPrivateKey):
        numbers = private.public_key().public_numbers()
        return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
    if isinstance(private, ec.EllipticCurvePrivateKey):
        name = next(name for name, key in EC.items() if key.curve.name == private.curve.name)
        length = (private.curve.key_size + 7) // 8
        numbers = private.public_key().public_numbers()
        return {"kty": "EC", "crv": name, "x": number(numbers.x, length), "y": number(numbers.y, length)}
    raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}


def member(private, kid, alg=None, **more):
    members = {**public_members(private), "kid": kid, **more}
    if alg:
        members["alg"] = alg
    return members


KEYS = [member(PRIVATE[alg], alg, alg, use="sig") for alg in PRIVATE]
# Without an alg; and two of one name.
KEYS += [member(RSA, "plain"), member(EC["P-256"], "twice"), member(RSA, "twice")]


def pem(private):
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def genuine(alg, kid=None, payload=None, **header):
    kind = {"R": "RSA", "P": "RSA", "E": "EC"}[alg[0]] if alg != "EdDSA" else "OKP"
    return jwt.encode(
        {"alg": alg, **({"kid": kid} if kid else {}), **header}, payload or CLAIMS,
        jwk.import_key(pem(PRIVATE[alg]), kind), algorithms=[alg])


GENUINE = [(f"{alg} by its key", genuine(alg, alg)) for alg in PRIVATE]
GENUINE += [(f"{alg} by the RSA key without alg", genuine(alg, "plain"))
            for alg in PRIVATE if alg[:2] in ("RS", "PS")]
GENUINE += [(f"{alg} by one of two keys of one name", genuine(alg, "twice")) for alg in ("ES256", "RS256", "PS512")]
GENUINE += [(f"{alg} that names no key", genuine(alg)) for alg in PRIVATE]
GENUINE += [
    ("typ at+jwt", genuine("ES256", "ES256", typ="at+jwt")),
    ("typ in small letters", genuine("ES256", "ES256", typ="jwt")),
    ("several audiences", genuine("ES256", "ES256", claims(aud=["other", AUDIENCE]))),
    ("times with a fraction", genuine("ES256", "ES256", claims(exp=NOW + 600.5, iat=NOW - 0.25))),
    ("expired, within the leeway", genuine("ES256", "ES256", claims(exp=NOW - 59))),
    ("from the future, within the leeway", genuine("ES256", "ES256", claims(nbf=NOW + 59, iat=NOW + 59))),
    ("no iat and no nbf", genuine("ES256", "ES256", claims(nbf=..., iat=...))),
    ("a claim that is nested deeply", genuine("ES256", "ES256", {**CLAIMS, "x": [[[{"y": [{}]}]]]})),
]

ES = PRIVATE["ES256"]
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HEADER = {"alg": "ES256", "kid": "ES256", "typ": "JWT"}
GOOD = genuine("ES256", "ES256")
HEAD, BODY, SIGNATURE = GOOD.split(".")


def by(private, algorithm):
    return lambda data: signature(private, data, algorithm)


def forged(header=None, payload=None, sign=None):
    return token(HEADER if header is None else header, CLAIMS if payload is None else payload,
                 sign or by(ES, "ES256"))


def fixed(data):
    return lambda _: data


def der(private, data):
    return private.sign(data, ec.ECDSA(hashes.SHA256()))


def spki(private, encoding):
    return private.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)


ATTACKS = []


def attack(name, text):
    ATTACKS.append((name, text))


# The algorithm
for name in (*map("".join, itertools.product(*zip("none", "NONE"))), "", " none"):
    attack(f"alg {name!r}, no signature", token({"alg": name, "kid": "ES256"}, CLAIMS, fixed(b"")))
attack("alg none, a genuine signature", forged({**HEADER, "alg": "none"}))
attack("alg none, then two dots only", b64(json.dumps({"alg": "none"})) + "." + BODY + ".")
for alg, digest in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")):
    for what, secret in (("PEM", spki(RSA, serialization.Encoding.PEM)), ("DER", spki(RSA, serialization.Encoding.DER)),
                         ("JWK", json.dumps(KEYS[0]).encode())):
        attack(f"{alg} with the public key's {what} as secret",
               token({"alg": alg, "kid": "RS256"}, CLAIMS,
                     lambda data, secret=secret, digest=digest: hmac.new(secret, data, digest).digest()))
attack("HS256 with an empty secret",
       token({"alg": "HS256", "kid": "RS256"}, CLAIMS, lambda data: hmac.new(b"", data, "sha256").digest()))
for name in ("es256", "Es256", "ES256 ", "ES256\0", "ES256K", "RSA1_5", "dir", "EdDSA", "ES384", "ES512",
             "RS256", "PS256"):
    attack(f"alg {name!r} with an ES256 signature", forged({**HEADER, "alg": name}))
for value in (None, 1, True, ["ES256"], {"alg": "ES256"}):
    attack(f"alg {value!r}", forged({**HEADER, "alg": value}))
attack("no alg", forged({"kid": "ES256"}))
attack("alg none before the genuine one", forged('{"alg":"none","alg":"ES256","kid":"ES256"}'))
attack("alg none after the genuine one", forged('{"alg":"ES256","alg":"none","kid":"ES256"}'))
attack("alg a second time, escaped", forged('{"alg":"ES256","\\u0061lg":"none","kid":"ES256"}'))
attack("HS256 for a key without alg, as if to lock it",
       token({"alg": "HS256", "kid": "plain"}, CLAIMS, lambda data: hmac.new(b"x", data, "sha256").digest()))
attack("a PS256 signature called RS256", forged({"alg": "RS256", "kid": "plain"}, sign=by(RSA, "PS256")))
attack("an RS256 signature called PS256", forged({"alg": "PS256", "kid": "plain"}, sign=by(RSA, "RS256")))
attack("an RS512 signature called RS256", forged({"alg": "RS256", "kid": "plain"}, sign=by(RSA, "RS512")))
attack("PS256 by a key for RS256", forged({"alg": "PS256", "kid": "RS256"}, sign=by(RSA, "PS256")))
attack("RS512 by a key for RS256", forged({"alg": "RS512", "kid": "RS256"}, sign=by(RSA, "RS512")))
for salt in (0, 20, 222):
    attack(f"PS256 with a salt of {salt} bytes",
           forged({"alg": "PS256", "kid": "PS256"}, sign=lambda data, salt=salt: RSA.sign(
               data, padding.PSS(padding.MGF1(hashes.SHA256()), salt), hashes.SHA256())))
attack("PS256 with MGF1 of SHA-1",
       forged({"alg": "PS256", "kid": "PS256"}, sign=lambda data: RSA.sign(
           data, padding.PSS(padding.MGF1(hashes.SHA1()), 32), hashes.SHA256())))
attack("ES256 on P-384", forged({"alg": "ES256", "kid": "ES384"}, sign=by(EC["P-384"], "ES256")))
attack("ES384 on P-256", forged({"alg": "ES384", "kid": "ES256"}, sign=by(ES, "ES384")))
attack("ES256 with SHA-512", forged(sign=by(ES, "ES512")))

# The key
for name, sign, more in (
        ("jwk", by(STRANGER, "RS256"), {"jwk": member(STRANGER, "RS256", "RS256")}),
        ("jku", by(STRANGER, "RS256"), {"jku": "https://evil.example/jwks.json"}),
        ("x5u", by(STRANGER, "RS256"), {"x5u": "https://evil.example/certificate.pem"}),
        ("x5c", by(STRANGER, "RS256"),
         {"x5c": [base64.b64encode(spki(STRANGER, serialization.Encoding.DER)).decode()]})):
    attack(f"{name} brings a stranger's key", forged({"alg": "RS256", "kid": "RS256", **more}, sign=sign))
    attack(f"{name} brings a stranger's key, no kid", forged({"alg": "RS256", **more}, sign=sign))
attack("a stranger's signature", forged({"alg": "RS256", "kid": "RS256"}, sign=by(STRANGER, "RS256")))
attack("a stranger's signature, no kid", forged({"alg": "RS256"}, sign=by(STRANGER, "RS256")))
for kid in ("../../../../dev/null", "/etc/passwd", "' OR '1'='1", "ES256'; DROP TABLE heartbeat_audit; --", "",
            "ES256\0",
            "es256", "\u212aS256", "ES256 ", "https://evil.example/key", "x" * 8000):
    attack(f"kid {kid[:40]!r}", forged({"alg": "ES256", "kid": kid}))
for kid in (None, 1, ["ES256"], {}):
    attack(f"kid {kid!r}", forged({"alg": "ES256", "kid": kid}))
attack("kid of another key", forged({"alg": "ES256", "kid": "RS256"}))
attack("RS256 by a stranger, kid of two keys", forged({"alg": "RS256", "kid": "twice"}, sign=by(STRANGER, "RS256")))
attack("ES256 in DER, kid of two keys", forged({"alg": "ES256", "kid": "twice"}, sign=lambda data: der(ES, data)))
attack("ES384 on P-256, kid of two keys", forged({"alg": "ES384", "kid": "twice"}, sign=by(ES, "ES384")))
attack("kid twice", forged('{"alg":"ES256","kid":"x","kid":"ES256"}'))

# The rest of the header
for crit in ([], ["exp"], ["b64"], "exp", None):
    attack(f"crit {crit!r}", forged({**HEADER, "crit": crit, "b64": True}))
for name in ("JOSE", "JWE", "dpop+jwt", "logout+jwt", "", 1, None, ["JWT"]):
    attack(f"typ {name!r}", forged({**HEADER, "typ": name}))
unencoded = b64(json.dumps({**HEADER, "b64": False})) + "." + json.dumps(CLAIMS)
attack("b64 false, the payload as it is", unencoded + "." + b64(signature(ES, unencoded.encode(), "ES256")))
for name, text in (("an array", "[]"), ("a string", '"ES256"'), ("null", "null"), ("nothing", ""),
                   ("two objects", "{}{}"), ("a byte order mark", "\ufeff" + json.dumps(HEADER)),
                   ("half an object", '{"alg":"ES256"'),
                   ("invalid UTF-8", b'{"alg":"ES256","kid":"ES256","x":"\xff"}'),
                   ("200 arrays", '{"alg":"ES256","kid":"ES256","x":' + "[" * 200 + "]" * 200 + "}")):
    attack(f"the header is {name}", forged(text))
    if name not in ("a string",):
        attack(f"the claims are {name}", forged(payload=text))

# The encoding
attack("padding in the signature", GOOD + "==")
for name, head, body in (("padding in the header", HEAD + "=", BODY), ("padding in the claims", HEAD, BODY + "="),
                         ("a line feed in the header", HEAD[:8] + "\n" + HEAD[8:], BODY),
                         ("a space in the claims", HEAD, BODY[:8] + " " + BODY[8:])):
    text = f"{head}.{body}"
    attack(name + ", and signed so", f"{text}.{b64(signature(ES, text.encode(), 'ES256'))}")
for name, text in (("a space", " "), ("a line feed", "\n"), ("a carriage return", "\r"), ("a tab", "\t"),
                   ("a NUL", "\0"),
                   ("an é", "é"), ("a +", "+"), ("a /", "/"), ("a %2B", "%2B")):
    attack(f"{name} in the signature", f"{HEAD}.{BODY}.{SIGNATURE[:10]}{text}{SIGNATURE[10:]}")
    attack(f"{name} at the end", GOOD + text)
    attack(f"{name} at the beginning", text + GOOD)
attack("the standard alphabet", f"{HEAD}.{BODY}." + base64.b64encode(b"\xfb\xff" * 32).decode().rstrip("="))
alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
attack("bits left over in the signature", GOOD[:-1] + alphabet[alphabet.index(GOOD[-1]) + 1])
attack("one digit too many", GOOD + "AAA")
attack("one digit too few", GOOD[:-1])

# The parts
for name, text in (("a trailing dot", GOOD + "."), ("three trailing dots", GOOD + "..."),
                   ("a leading dot", "." + GOOD), ("two parts", f"{HEAD}.{BODY}"),
                   ("no signature", f"{HEAD}.{BODY}."), ("no claims", f"{HEAD}..{SIGNATURE}"),
                   ("no header", f".{BODY}.{SIGNATURE}"), ("two dots", ".."), ("nothing", ""),
                   ("five parts", GOOD + ".AAAA.AAAA"), ("JSON", json.dumps(
                       {"protected": HEAD, "payload": BODY, "signature": SIGNATURE})),
                   ("the claims first", f"{BODY}.{HEAD}.{SIGNATURE}"),
                   ("another token's signature", f"{HEAD}.{BODY}." + forged(payload=claims(sub="other")).split(".")[2]),
                   ("other claims", f"{HEAD}.{b64(json.dumps(claims(sub='admin')))}.{SIGNATURE}")):
    attack(name, text)
attack("1 MB", forged(payload=claims(x="x" * 750_000)))
attack("beyond 16 KiB", forged(payload=claims(x="x" * 12_300)))
attack("a token within the token", forged({**HEADER, "cty": "JWT"}, GOOD))

# The signature
half = bytes(32)
r = 7 .to_bytes(32, "big")
good = signature(ES, b"x", "ES256")
for name, text in (("r and s of 0", half + half), ("r of 0", half + r), ("s of 0", r + half),
                   ("r of the order", ORDER.to_bytes(32, "big") + r), ("s of the order", r + ORDER.to_bytes(32, "big")),
                   ("r and s of all ones", b"\xff" * 64), ("r and s of 1", (half[1:] + b"\x01") * 2)):
    attack(f"ES256 with {name}", forged(sign=fixed(text)))
attack("ES256 with s beyond the order",
       forged(sign=lambda data: (lambda sig: sig[:32] + ((int.from_bytes(sig[32:], "big") + ORDER) % 2**256)
              .to_bytes(32, "big"))(signature(ES, data, "ES256"))))
attack("ES256 in DER", forged(sign=lambda data: der(ES, data)))
attack("ES256 with r and s a byte too long",
       forged(sign=lambda data: b"\0" + (s := signature(ES, data, "ES256"))[:32] + b"\0" + s[32:]))
attack("ES256 with a byte behind it", forged(sign=lambda data: signature(ES, data, "ES256") + b"\0"))
attack("ES256 of 63 bytes", forged(sign=lambda data: signature(ES, data, "ES256")[:63]))
attack("ES256 doubled", forged(sign=lambda data: signature(ES, data, "ES256") * 2))
for bit in (0, 255, 256, 511):
    attack(f"ES256 with bit {bit} turned", forged(sign=lambda data, bit=bit: bytes(
        byte ^ (1 << bit % 8 if index == bit // 8 else 0)
        for index, byte in enumerate(signature(ES, data, "ES256")))))
RS = {"alg": "RS256", "kid": "RS256"}
attack("RS256 with a byte before it", forged(RS, sign=lambda data: b"\0" + signature(RSA, data, "RS256")))
attack("RS256 with a byte behind it", forged(RS, sign=lambda data: signature(RSA, data, "RS256") + b"\0"))
attack("RS256 without its last byte", forged(RS, sign=lambda data: signature(RSA, data, "RS256")[:-1]))
attack("RS256 of nothing but zeros", forged(RS, sign=fixed(bytes(256))))
attack("RS256 of 1", forged(RS, sign=fixed(bytes(255) + b"\x01")))
modulus = RSA.public_key().public_numbers().n
attack("RS256 of the modulus", forged(RS, sign=fixed(modulus.to_bytes(256, "big"))))
attack("RS256 plus the modulus", forged(RS, sign=lambda data: (
    int.from_bytes(signature(RSA, data, "RS256"), "big") + modulus).to_bytes(257, "big")))
attack("RS256 of SHA-1", forged(RS, sign=lambda data: RSA.sign(data, padding.PKCS1v15(), hashes.SHA1())))
EDDSA = {"alg": "EdDSA", "kid": "EdDSA"}
ED_ORDER = 2**252 + 27742317777372353535851937790883648493
attack("EdDSA with S beyond the order", forged(EDDSA, sign=lambda data: (lambda sig: sig[:32] + (
    int.from_bytes(sig[32:], "little") + ED_ORDER).to_bytes(32, "little"))(ED.sign(data))))
attack("EdDSA of 63 bytes", forged(EDDSA, sign=lambda data: ED.sign(data)[:63]))
attack("EdDSA with a byte behind it", forged(EDDSA, sign=lambda data: ED.sign(data) + b"\0"))
attack("EdDSA of zeros", forged(EDDSA, sign=fixed(bytes(64))))

# The claims
CHANGES = {
    "exp": [..., None, True, "9999999999", [NOW + 600], NOW - 60, NOW - 10**6, -1, 0, 10**15, 10**30, 253402300800],
    "nbf": [None, "0", NOW + 61, 10**15, -1, []],
    "iat": [None, "0", NOW + 61, 10**15, -1, {}],
    "iss": [..., None, 1, [ISSUER], "", ISSUER + "/", ISSUER.upper(), ISSUER[:-1], " " + ISSUER, ISSUER + "\0",
            ISSUER.replace("K", "\u212a")],
    "aud": [..., None, 1, [], [1], [AUDIENCE, 1], {AUDIENCE: True}, "", AUDIENCE + "s", AUDIENCE[:-1], [[AUDIENCE]],
            AUDIENCE.upper()],
    "sub": [..., None, 1, "", "a b", "a\nb", "a\0b", "w\u00f6rker", "a:b", "x" * 129, ["worker"]],
    "scope": [1, None, ["heartbeat"], True, {}],
    "scp": [1, None, ["heartbeat", 1], True, {}],
}
for name, values in CHANGES.items():
    for value in values:
        attack(f"{name} {str(value)[:60]!r}" if value is not ... else f"no {name}",
               forged(payload=claims(**{name: value})))
for value in ("1e400", "1e308", "-1e400", "NaN", "Infinity", "0x7fffffff", "1e", "01", "9" * 400):
    text = json.dumps(CLAIMS).replace(f'"exp": {CLAIMS["exp"]}', f'"exp": {value}')
    attack(f"exp {value[:20]}", forged(payload=text))
for name in ("exp", "iss", "aud", "sub"):
    text = json.dumps(CLAIMS)[:-1] + f', "{name}": {json.dumps(CLAIMS[name])}}}'
    attack(f"{name} twice", forged(payload=text))
attack("a member twice deep inside", forged(payload=json.dumps(CLAIMS)[:-1] + ', "x": [{"y": {"z": 1, "z": 2}}]}'))


# Sets with one key that must be left out: the key, and a token by it where one can be made.
def bad_key(name, members, text):
    BAD_KEYS.append((name, json.dumps({"keys": [members, KEYS[6]]}), text))


BAD_KEYS = []
SMALL = rsa.generate_private_key(65537, 1024)
bad_key("RSA with 1024 bits", member(SMALL, "bad"), forged({"alg": "RS256", "kid": "bad"}, sign=by(SMALL, "RS256")))
SHORT = rsa.generate_private_key(65537, 2040)
bad_key("RSA with 2040 bits", member(SHORT, "bad"), forged({"alg": "RS256", "kid": "bad"}, sign=by(SHORT, "RS256")))


def encoded_message(data):
    """What an RS256 signature is before the key: with e = 1 it is its own signature."""
    info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(data).digest()
    return b"\0\1" + b"\xff" * (256 - 3 - len(info)) + b"\0" + info


bad = {"alg": "RS256", "kid": "bad"}
public = public_members(RSA)
for name, change in (
        ("e of 1", {"e": "AQ"}), ("e of 1 with zeros", {"e": "AAAAAQ"}), ("e of 0", {"e": "AA"}),
        ("no bytes in e", {"e": ""}),
        ("an even e", {"e": number(65536)}), ("e of 2", {"e": "Ag"}), ("a huge e", {"e": number(2**64 + 13)}),
        ("an even modulus", {"n": number(modulus - 1)}), ("an RSA modulus of 0", {"n": "AA"}),
        ("a modulus of 16392 bits", {"n": number(2**16391 + 1)}),
        ("no n", {"n": None}), ("no e", {"e": None}), ("n padded", {"n": public["n"] + "=="}),
        ("n in standard base64", {"n": "+/" + public["n"][2:]}), ("n a number", {"n": 3}),
        ("use enc", {"use": "enc"}), ("key_ops sign", {"key_ops": ["sign"]}), ("key_ops a text", {"key_ops": "verify"}),
        ("alg RSA-OAEP", {"alg": "RSA-OAEP"}), ("alg HS256", {"alg": "HS256"}), ("alg none", {"alg": "none"}),
        ("alg ES256", {"alg": "ES256"}), ("alg a number", {"alg": 1}), ("kid a number", {"kid": 1}),
        ("a private key", {"d": number(RSA.private_numbers().d)}), ("kty rsa", {"kty": "rsa"}),
        ("no kty", {"kty": None}),
        ("kty EC", {"kty": "EC"})):
    members = {name: value for name, value in {**public, "kid": "bad", **change}.items() if value is not None}
    sign = encoded_message if name.startswith("e of 1") else by(RSA, "RS256")
    bad_key(name, members, forged(bad, sign=sign))
bad_key("a secret", {"kty": "oct", "k": b64("secret"), "kid": "bad", "alg": "HS256"},
        token({"alg": "HS256", "kid": "bad"}, CLAIMS, lambda data: hmac.new(b"secret", data, "sha256").digest()))
point = public_members(ES)
for name, change in (
        ("a point off the curve", {"y": number(1, 32)}), ("the point 0, 0", {"x": number(0, 32), "y": number(0, 32)}),
        ("x beyond the field", {"x": b64(b"\xff" * 32)}), ("x of 31 bytes", {"x": b64(b"\1" * 31)}),
        ("x of 33 bytes", {"x": b64(b"\0" + base64.urlsafe_b64decode(point["x"] + "="))}), ("no y", {"y": None}),
        ("P-384 for a point of P-256", {"crv": "P-384"}), ("secp256k1", {"crv": "secp256k1"}),
        ("no curve", {"crv": None}),
        ("crv p-256", {"crv": "p-256"}), ("alg ES384", {"alg": "ES384"})):
    members = {name: value for name, value in {**point, "kid": "bad", **change}.items() if value is not None}
    bad_key("EC: " + name, members, forged({"alg": "ES256", "kid": "bad"}))
octets = public_members(ED)
for name, change in (("31 bytes", {"x": b64(b"\1" * 31)}), ("33 bytes", {"x": b64(b"\1" * 33)}),
                     ("Ed448", {"crv": "Ed448"}),
                     ("X25519", {"crv": "X25519"}), ("alg ES256", {"alg": "ES256"})):
    bad_key("OKP: " + name, {**octets, "kid": "bad", **change},
            forged({"alg": "EdDSA", "kid": "bad"}, sign=by(ED, "EdDSA")))
for name, members in (("a text", "key"), ("an array", []), ("null", None), ("a number", 1)):
    bad_key(name, members, forged({"alg": "ES256", "kid": "bad"}))


# One key after the other, and a token by each: for providers that change their keys.
def turn(index):
    private = ec.generate_private_key(ec.SECP256R1())
    text = forged({"alg": "ES256", "kid": f"key-{index}"}, sign=by(private, "ES256"))
    return {"keys": json.dumps({"keys": [member(private, f"key-{index}", "ES256")]}), "token": text}


# Scopes: what a token has, and what comes of it with and without a scope that heartbeats need.
SCOPES = [(json.dumps(change), forged(payload=claims(**change)), wanted) for change, wanted in (
    ({}, ""), ({"scope": ""}, ""), ({"scope": "beat"}, "beat"), ({"scope": "openid beat audit"}, "beat audit"),
    ({"scp": ["audit", "admin"]}, "audit admin"), ({"scp": "beat  audit"}, "beat audit"),
    ({"scope": "beats audits"}, ""),
    ({"scope": "Beat AUDIT"}, ""), ({"scope": "beat", "scp": ["admin"]}, "beat"), ({"scp": []}, ""))]

json.dump({
    "keys": json.dumps({"keys": KEYS}),
    "genuine": [{"name": name, "token": text} for name, text in GENUINE],
    "attacks": [{"name": name, "token": text} for name, text in ATTACKS],
    "badKeys": [{"name": name, "keys": keys, "token": text} for name, keys, text in BAD_KEYS],
    "scopes": [{"name": name, "token": text, "wanted": wanted} for name, text, wanted in SCOPES],
    "series": [turn(index) for index in range(3)],
    "callerClaim": forged(payload={**CLAIMS, "azp": "client-1", "sub": "not a name"}),
}, sys.stdout)

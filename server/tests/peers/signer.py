"""dkimpy, as another signer and another verifier than the program's own.

    signer.py sign FOLDER      makes keys, and signs FOLDER/message.eml once for each case
    signer.py verify FOLDER    says for each message of FOLDER whether dkimpy finds it good
"""

import base64
import pathlib
import re
import sys
import time

import dkim
import nacl.signing
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

DOMAIN = b"news.northwind.example"
COVERED = [
    "From", "To", "Subject", "Date", "Message-ID", "List-Id",
    "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
]
RELAXED, SIMPLE = b"relaxed", b"simple"
CANONICAL = {
    "relaxed-relaxed": (RELAXED, RELAXED),
    "relaxed-simple": (RELAXED, SIMPLE),
    "simple-relaxed": (SIMPLE, RELAXED),
    "simple-simple": (SIMPLE, SIMPLE),
}


def make_keys(folder):
    """Two pairs of RSA and one of Ed25519, with their records under the selectors' names."""
    keys = {}
    for selector in ("rsa", "other"):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        keys[selector] = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        record = "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()
        (folder / f"{selector}.txt").write_text(record)
        (folder / f"{selector}.pem").write_bytes(keys[selector])
    pair = nacl.signing.SigningKey.generate()
    keys["ed"] = base64.b64encode(bytes(pair))
    public = base64.b64encode(bytes(pair.verify_key)).decode()
    (folder / "ed.txt").write_text("v=DKIM1; k=ed25519; p=" + public)
    return keys


class Signer(dkim.DKIM):
    """One that also writes what dkimpy offers no option for."""

    more = ()
    without = ()

    def gen_header(self, fields, include_headers, *rest):
        for name, value in self.more:
            known = [at for at, field in enumerate(fields) if field[0] == name]
            if known:
                fields[known[0]] = (name, value)
            else:
                fields.insert(1, (name, value))
        include_headers = tuple(h for h in include_headers if h not in self.without)
        at = [field[0] for field in fields].index(b"h")
        fields[at] = (b"h", b" : ".join(include_headers))
        return super().gen_header(fields, include_headers, *rest)


def sign(raw, keys, selector="rsa", key=None, canonical="relaxed-relaxed", covered=COVERED,
         more=(), without=(), length=False, algorithm=None):
    signer = Signer(raw)
    signer.more, signer.without = more, without
    algorithm = algorithm or (b"ed25519-sha256" if selector == "ed" else b"rsa-sha256")
    field = signer.sign(
        selector.encode(), DOMAIN, keys[key or selector], signature_algorithm=algorithm,
        canonicalize=CANONICAL[canonical], include_headers=covered, length=length,
    )
    return field + raw


def changed(signed, old, new):
    """The message with something changed behind its signature."""
    at = signed.index(b"\nFrom: ")
    head, rest = signed[:at], signed[at:]
    assert old in rest, old
    return head + rest.replace(old, new, 1)


def write_all(folder):
    keys = make_keys(folder)
    raw = (folder / "message.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    now = int(time.time())
    seconds = lambda number: str(number).encode()
    made = {}
    for name in CANONICAL:
        made[f"good-{name}"] = sign(raw, keys, canonical=name)
        made[f"good-ed-{name}"] = sign(raw, keys, selector="ed", canonical=name)
        signed = sign(raw, keys, canonical=name)
        made[f"refolded-{name}"] = changed(signed, b">, <mailto:", b">,\r\n <mailto:")
        made[f"spaces-{name}"] = changed(signed, b"Three new tents.", b"Three  new tents. ")
        made[f"lines-{name}"] = signed + b"\r\n\r\n"
    good = made["good-relaxed-relaxed"]
    for field in COVERED:
        one = field.lower().encode()
        made[f"uncovered-{field}"] = sign(raw, keys, without=[one])
        value = re.search(rb"(?m)^" + field.encode() + rb": [^\r]*", raw).group(0)
        made[f"changed-{field}"] = changed(good, value, value + b"x")
    body = (b"Three new tents.", b"Three old tents.")
    made["body"] = changed(good, *body)
    made["body-ed"] = changed(made["good-ed-relaxed-relaxed"], *body)
    made["wrong-key"] = sign(raw, keys, key="other")
    made["unknown-selector"] = sign(raw, keys, selector="other").replace(b"s=other", b"s=gone", 1)
    times = lambda t, x: [(b"t", seconds(now + t)), (b"x", seconds(now + x))]
    made["expired"] = sign(raw, keys, more=times(-3 * 86400, -2 * 86400))
    made["expires"] = sign(raw, keys, more=times(-7200, 3600))
    made["future"] = sign(raw, keys, more=[(b"t", seconds(now + 30 * 86400))])
    made["length"] = sign(raw, keys, length=True)
    made["length-added"] = made["length"] + b"<p>Buy</p>\r\n"
    made["twice-subject"] = changed(good, b"\nFrom: ", b"\nSubject: Other\r\nFrom: ")
    sealed = sign(raw, keys, covered=COVERED + ["Subject"])
    made["sealed-subject"] = sealed
    made["sealed-twice-subject"] = changed(sealed, b"\nFrom: ", b"\nSubject: Other\r\nFrom: ")
    made["twice-from"] = changed(good, b"\nFrom: ", b"\nFrom: a@elsewhere.example\r\nFrom: ")
    other = b"\nList-Unsubscribe: <https://elsewhere.example/>\r\nFrom: "
    made["twice-unsubscribe"] = changed(good, b"\nFrom: ", other)
    made["sha1"] = sign(raw, keys, algorithm=b"rsa-sha1")
    made["unsigned"] = raw
    for name, message in made.items():
        (folder / f"{name}.eml").write_bytes(message)
    (folder / "message.eml").unlink()


def verify_all(folder):
    known = {}
    for selector in ("rsa", "ed"):
        name = f"{selector}._domainkey.{DOMAIN.decode()}.".encode()
        known[name] = (folder / f"{selector}.txt").read_bytes()
    for path in sorted(folder.glob("*.eml")):
        good = dkim.verify(path.read_bytes(), dnsfunc=lambda name, timeout=5: known.get(name))
        print(path.stem, "good" if good else "bad")


if __name__ == "__main__":
    {"sign": write_all, "verify": verify_all}[sys.argv[1]](pathlib.Path(sys.argv[2]))

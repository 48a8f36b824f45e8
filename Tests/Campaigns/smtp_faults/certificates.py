"""Certificates, good ones and bad ones."""

import datetime
import functools
import ssl
import warnings
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Certificates:
    """Certificates for localhost and 127.0.0.1, and such as no client should trust."""

    GOOD = ("good", "name only", "address only", "intermediate")
    KINDS = (
        *GOOD, "wrong name", "wrong address", "expired", "not yet valid", "unknown authority",
        "common name only", "address as a name", "self-signed", "TLS 1.1",
    )

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.authority = trustme.CA()
        self.ca_file = directory / "ca.pem"
        self.authority.cert_pem.write_to_path(str(self.ca_file))

    @functools.cached_property
    def contexts(self) -> dict[str, ssl.SSLContext]:
        """What a server presents, by kind."""
        return {kind: self._context(kind) for kind in self.KINDS}

    def context(self, kind: str) -> ssl.SSLContext:
        return self.contexts[kind]

    def _context(self, kind: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if kind in {"common name only", "address as a name", "self-signed"}:
            context.load_cert_chain(self._odd(kind))
        else:
            self._usual(kind).configure_cert(context)
        if kind == "TLS 1.1":
            # OpenSSL 3 allows the signatures of TLS 1.1 at its lowest level only.
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1_1
                context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context

    def _usual(self, kind: str) -> trustme.LeafCert:
        """A certificate with subject alternative names."""
        authority, names, times = self.authority, ["localhost", "127.0.0.1"], {}
        now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
        match kind:
            case "name only":
                names = ["localhost"]
            case "address only":
                names = ["127.0.0.1"]
            case "intermediate":
                authority = authority.create_child_ca()
            case "wrong name":
                names = ["mail.example", "*.localhost", "127.0.0.1"]
            case "wrong address":
                names = ["localhost", "127.0.0.2"]
            case "expired":
                times = {"not_before": now - 2 * day, "not_after": now - day}
            case "not yet valid":
                times = {"not_before": now + day, "not_after": now + 2 * day}
            case "unknown authority":
                authority = trustme.CA()
        return authority.issue_cert(*names, **times)

    def _odd(self, kind: str) -> Path:
        """A file with a key and a certificate such as trustme does not make."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        authority = x509.load_pem_x509_certificate(self.authority.cert_pem.bytes())
        issuer_key = serialization.load_pem_private_key(self.authority.private_key_pem.bytes(), None)
        issuer = authority.subject
        if kind == "self-signed":
            issuer, issuer_key = subject, key
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )
        names = {"address as a name": ["127.0.0.1"], "self-signed": ["localhost"]}.get(kind)
        if names:
            san = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            builder = builder.add_extension(san, critical=False)
        certificate = builder.sign(issuer_key, hashes.SHA256())
        path = self.directory / f"{kind}.pem"
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        path.write_bytes(
            key.private_bytes(pem, pkcs8, serialization.NoEncryption()) + certificate.public_bytes(pem)
        )
        return path


BAD_CERTIFICATES = [
    ("name only", "127.0.0.1"),
    ("address only", "localhost"),
    ("wrong name", "localhost"),
    ("wrong address", "127.0.0.1"),
    ("expired", "localhost"),
    ("not yet valid", "localhost"),
    ("unknown authority", "localhost"),
    ("self-signed", "localhost"),
    ("common name only", "localhost"),
    ("address as a name", "127.0.0.1"),
    ("TLS 1.1", "localhost"),
]

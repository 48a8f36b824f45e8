"""A PostgreSQL server with TLS, and with users who prove in different ways who they are."""

import datetime
import getpass
from pathlib import Path

import trustme

from Campaigns.postgresql.cluster import Cluster

SECRET = "open sesame"


class SecureCluster(Cluster):
    """A server with a certificate for localhost and db.example.

    The user `certain` needs a client certificate, `scrambled` and `hashed` a password, and `peer` is
    the user of the operating system who runs the tests.
    """

    RULES = (
        "hostssl all certain 127.0.0.1/32 cert\n"
        "host all certain 127.0.0.1/32 reject\n"
        "host all scrambled 127.0.0.1/32 scram-sha-256\n"
        "host all hashed 127.0.0.1/32 md5\n"
        "hostssl all all 127.0.0.1/32 trust\n"
        "local all peer peer map=tests\n"
        "local all stranger peer\n"
        "local all all trust\n"
    )

    def __init__(self) -> None:
        super().__init__()
        self.authority = trustme.CA()
        self.settings |= {
            "ssl": "on", "ssl_cert_file": self.directory / "server.crt",
            "ssl_key_file": self.directory / "server.key",
            "ssl_ca_file": self.directory / "ca.crt", "log_error_verbosity": "verbose",
        }

    def create(self) -> "SecureCluster":
        self.present(self.authority)
        super().create()
        self.write(self.data / "pg_ident.conf", f"tests {getpass.getuser()} peer\n")
        self.ask(
            "SELECT pg_reload_conf(); CREATE USER certain SUPERUSER; CREATE USER peer SUPERUSER;"
            " CREATE USER stranger SUPERUSER;"
            f" CREATE USER scrambled SUPERUSER PASSWORD '{SECRET}';"
            " SET password_encryption = md5;"
            f" CREATE USER hashed SUPERUSER PASSWORD '{SECRET}'"
        )
        return self

    def present(self, authority: trustme.CA, *, days: int = 1) -> None:
        """Makes the certificate of the server, which ends after days from now."""
        now = datetime.datetime.now(datetime.UTC)
        certificate = authority.issue_cert(
            "localhost", "db.example", not_before=now - datetime.timedelta(days=2),
            not_after=now + datetime.timedelta(days=days),
        )
        self.write(self.directory / "ca.crt", self.authority.cert_pem.bytes().decode())
        chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
        self.write(self.directory / "server.crt", chain.decode())
        self.write(self.directory / "server.key", certificate.private_key_pem.bytes().decode())
        (self.directory / "server.key").chmod(0o600)

    def tls_address(self, database: str, host: str = "localhost", user: str = "ann") -> str:
        """An address by TCP, without further parameters."""
        return f"postgresql://{user}@{host}:{self.port}/{database}"


def client_files(authority: trustme.CA, directory: Path, name: str) -> str:
    """A certificate for a client; returns the parameters that name it."""
    leaf = authority.issue_cert(f"{name}.example", common_name=name)
    certificate, key = directory / f"{name}.crt", directory / f"{name}.key"
    leaf.cert_chain_pems[0].write_to_path(str(certificate))
    leaf.private_key_pem.write_to_path(str(key))
    key.chmod(0o600)
    return f"sslcert={certificate}&sslkey={key}"

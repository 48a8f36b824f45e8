"""A search for secrets, as they are and as they may have been written."""

import base64


def forms(secret: bytes) -> list[bytes]:
    """A secret as it is and in the ways in which it may have been written."""
    coded = base64.b64encode(secret).rstrip(b"=")
    return [secret, coded, coded.translate(bytes.maketrans(b"+/", b"-_")), secret.hex().encode()]


def traces(secrets: dict[str, bytes], places: dict[str, bytes]) -> list[str]:
    """The secrets found, and where."""
    return [
        f"{name} in {place}"
        for place, content in places.items()
        for name, secret in secrets.items()
        if any(form in content for form in forms(secret))
    ]


def parts(secret: str, length: int = 12) -> dict[str, bytes]:
    """Every part of a secret of a length, for a search that finds what was written in pieces."""
    return {
        secret[at : at + length]: secret[at : at + length].encode()
        for at in range(len(secret) - length + 1)
    }

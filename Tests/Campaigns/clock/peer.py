"""Issues and judges tokens as an application of any generation does, by the clock of its process.

Reads a JSON object with a key, a salt, a time in seconds after which tokens expire, addresses, moments
and tokens; answers with a token for each address now and for each moment, a verdict on each token, and
the clock. It is run with the interpreter of an application, so it knows nothing of the tests.
"""

import json
import sys
import time

from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

asked = json.load(sys.stdin)


def serializer_at(moment):
    class Signer(TimestampSigner):
        def get_timestamp(self):
            # Old signers count from another year.
            return moment - getattr(sys.modules[TimestampSigner.__module__], "EPOCH", 0)

    made = URLSafeTimedSerializer(asked["key"])
    made.default_signer = made.signer = Signer
    return made


def verdict(token):
    serializer = URLSafeTimedSerializer(asked["key"])
    try:
        serializer.loads(token, salt=asked["salt"], max_age=asked["max_age"])
    except SignatureExpired:
        return "expired"
    except (BadData, ValueError, OSError, OverflowError):
        return "invalid"
    return "valid"


salt, emails = asked["salt"], asked["emails"]
issued = [URLSafeTimedSerializer(asked["key"]).dumps(email, salt=salt) for email in emails]
of_moments = [serializer_at(moment).dumps(emails[0], salt=salt) for moment in asked["moments"]]


def text(token):
    return token.decode() if isinstance(token, bytes) else token


answer = {
    "now": int(time.time()),
    "issued": [text(token) for token in issued],
    "of_moments": [text(token) for token in of_moments],
    "verdicts": [verdict(token) for token in asked["tokens"]],
    "verdicts_of_moments": [verdict(token) for token in of_moments],
}
print(json.dumps(answer))

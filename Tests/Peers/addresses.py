"""Addresses that try a token's payload: plain, compressed, and all that lies between."""

import string
from random import Random
from zlib import compress

ATOM = string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~"
DOMAIN = string.ascii_lowercase + string.digits


def saving(text: str) -> int:
    """How many bytes compression takes off a JSON string; a token uses it from 2 on."""
    json = f'"{text}"'.encode()
    return len(json) - len(compress(json))


def word(random: Random, alphabet: str, shortest: int, longest: int) -> str:
    return "".join(random.choices(alphabet, k=random.randint(shortest, longest)))


def ordinary(random: Random) -> str:
    """A short address, as most are."""
    return f"{word(random, ATOM, 1, 20)}@{word(random, DOMAIN, 1, 12)}.example"


def long(random: Random) -> str:
    """An address of up to 254 bytes."""
    labels = [word(random, DOMAIN, 20, 44) for _ in range(random.randint(1, 4))]
    return f"{word(random, ATOM, 30, 64)}@{'.'.join(labels)}.example"[:254]


def repetitive(random: Random) -> str:
    """An address that says the same again and again."""
    piece = word(random, string.ascii_lowercase, 1, 6)
    labels = [piece * random.randint(1, 5) for _ in range(random.randint(1, 6))]
    return f"{(piece * 64)[: random.randint(3, 64)]}@{'.'.join(labels)}.example"


def low_entropy(random: Random) -> str:
    """An address of few different letters, in no order."""
    letters = "".join(random.sample(string.ascii_lowercase, random.randint(1, 5)))
    return f"{word(random, letters, 5, 64)}@{word(random, letters, 5, 60)}.{letters}z"


def non_ascii(random: Random) -> str:
    """An address that only an application would have let in."""
    return f"{word(random, 'aeäöüßéñ中文字😀', 1, 40)}@{word(random, 'aü例', 1, 20)}.example"


def without_repetition(random: Random) -> str:
    """A text in which no three letters occur twice, drawn from few: only Huffman codes help.

    This is where a signer that guesses whether compression helps would guess wrong.
    """
    letters = random.sample(string.ascii_lowercase + string.digits, random.randint(3, 9))
    weights = [random.random() ** 2 + 0.02 for _ in letters]
    text = '"'
    seen = set()
    for _ in range(random.randint(20, 94)):
        for letter in random.choices(letters, weights, k=8):
            if (text + letter)[-3:] not in seen:
                break
        else:
            break
        text += letter
        seen.add(text[-3:])
    return text[1:]


def on_the_edge(random: Random) -> str:
    """A text that compression makes shorter by 0 to 3 bytes, where 2 is the edge."""
    kind = random.choice([low_entropy, repetitive, without_repetition, without_repetition])
    while saving(text := kind(random)) not in range(4):
        pass
    return text


KINDS = [
    ordinary, long, repetitive, low_entropy, non_ascii, without_repetition, on_the_edge, on_the_edge
]


def addresses(seed: int, count: int, kinds: list = KINDS) -> list[str]:
    """Different addresses, even when ASCII case is ignored, the same for the same seed."""
    random = Random(seed)
    found: dict[bytes, str] = {}
    while len(found) < count:
        address = random.choice(kinds)(random)
        if address:
            found.setdefault(address.encode().lower(), address)
    return list(found.values())

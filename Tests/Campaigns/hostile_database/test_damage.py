"""Damaged files."""

import random

from Campaigns.database import integrity
from Campaigns.extent import sample
from Campaigns.hostile_database.bench import benches, chosen, try_all


def damaged(content: bytes, seed: int) -> bytes:
    """The database with one kind of damage, the same for the same seed."""
    generator = random.Random(seed)
    data = bytearray(content)
    size = 4096
    pages = len(data) // size

    def page() -> int:
        return generator.randrange(pages) * size

    match seed % 8:
        case 0:  # Single bits.
            for _ in range(generator.randrange(1, 20)):
                data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        case 1:  # Noise within a page.
            start = page() + generator.randrange(size - 64)
            data[start : start + 64] = generator.randbytes(64)
        case 2:  # A page of zeros, as after a lost write.
            start = page()
            data[start : start + size] = bytes(size)
        case 3:  # A page in the place of another.
            start, other = page(), page()
            data[start : start + size] = data[other : other + size]
        case 4:  # Half a page, as after a torn write.
            start, other = page(), page()
            data[start : start + size // 2] = data[other : other + size // 2]
        case 5:  # The header of a page: its kind, its cells, the pointers to them.
            start = page() + (100 if generator.random() < 0.1 else 0)
            data[start + generator.randrange(12)] = generator.randrange(256)
        case 6:  # The end is missing.
            del data[generator.randrange(1, len(data)) :]
        case _:  # Pointers to pages, in the interior pages and the free list.
            for _ in range(3):
                start = page() + 8 + generator.randrange(32)
                data[start : start + 4] = generator.randrange(pages + 2).to_bytes(4)
    return bytes(data)


def test_no_damage_traps_hangs_or_mails_twice(original, tmp_path_factory):
    cases = [
        (f"damage {seed}", lambda seed=seed: damaged(original, seed), chosen(seed // 8 * 11 + seed, 5))
        for seed in sample("damaged files", range(800), 2)
    ]
    wrong = try_all(cases, benches(tmp_path_factory, original))
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:40])


def test_the_damage_is_noticed_by_the_engine(original, tmp_path):
    """The control: of pages that SQLite takes for good, nothing could be seen."""
    path, bad = tmp_path / "damaged.db", 0
    for seed in range(160):
        path.write_bytes(damaged(original, seed))
        bad += integrity(path) != "ok"
    assert bad > 100

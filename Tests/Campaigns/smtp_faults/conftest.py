"""The bench of every case."""

import pytest

from Campaigns.smtp_faults.bench import Bench
from Campaigns.smtp_faults.certificates import Certificates


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Certificates, and mails that are due."""
    directory = tmp_path_factory.mktemp("bench")
    bench = Bench(directory, Certificates(directory))
    # Before there are threads that would make them at once.
    assert bench.certificates.contexts
    for count in (1, 2, 8):
        bench.mails(count)
    return bench

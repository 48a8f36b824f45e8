#!/usr/bin/env python3
"""Makes pictures of every built-in mail: in each language, light and dark, 600 and 320 px wide.

It needs Debian's chromium, which the tests do not:

    .venv/bin/python Tests/screenshots.py DIRECTORY

It also measures each page, and its exit code is 1 if one is wider than the window.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BINARY = os.environ.get(
    "REGCTL_BINARY", str(Path(__file__).parents[1] / ".build" / "release" / "regctl")
)
KINDS = ["confirm", "reset", "change-email", "changed-notice", "invite", "reminder"]
LANGUAGES = ["en", "de", "fr", "es"]
# A window is at least 500 px wide, a frame is not.
MEASURE = """<title>-</title><iframe id="page" width="{width}" frameborder="0" srcdoc="{page}"></iframe>
<script>onload = () => document.title = page.contentDocument.documentElement.scrollWidth</script>"""


def chromium(profile: str, page: Path, width: int, *options: str) -> str:
    return subprocess.run(
        ["chromium", "--headless=new", "--no-sandbox", "--hide-scrollbars", "--disable-gpu",
         f"--user-data-dir={profile}", f"--window-size={width},760", *options, page.as_uri()],
        check=True, capture_output=True, text=True, timeout=120,
    ).stdout  # fmt: skip


def main(directory: Path) -> int:
    directory.mkdir(parents=True, exist_ok=True)
    wide = []
    with tempfile.TemporaryDirectory() as profile:
        for kind in KINDS:
            for language in LANGUAGES:
                text = subprocess.run(
                    [BINARY, "--config", "none", "show-template", kind, "--lang", language, "--html"],
                    check=True, capture_output=True, text=True,
                ).stdout  # fmt: skip
                page = Path(profile) / "page.html"
                page.write_text(text)
                for width in (600, 320):
                    for scheme, options in (("light", []), ("dark", ["--force-dark-mode"])):
                        name = f"{kind}.{language}.{width}.{scheme}.png"
                        chromium(profile, page, width, *options, f"--screenshot={directory / name}")
                    measured = Path(profile) / "measured.html"
                    measured.write_text(MEASURE.format(width=width, page=html.escape(text)))
                    title = re.search(
                        r"<title>(\d+)</title>", chromium(profile, measured, width, "--dump-dom")
                    )[1]
                    if int(title) > width:
                        wide.append(f"{kind} in {language} needs {title} px at {width} px")
    print("\n".join(wide) or "every page fits")
    return 1 if wide else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""Parses reStructuredText pages, parted by NUL on standard input; the first warning is fatal."""

import sys

from docutils.core import publish_doctree
from docutils.utils import SystemMessage

SETTINGS = {"halt_level": 2, "report_level": 2, "warning_stream": False}

pages = sys.stdin.buffer.read().decode().split("\0")
for page in pages:
    try:
        publish_doctree(page, settings_overrides=SETTINGS)
    except SystemMessage as message:
        sys.exit(f"{message}\n{page}")
print(len(pages), "pages")

"""What `make bench` measures; figures go into docs/performance.md."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

"""Heard's settings for tests: a folder of their own, keys made before anything is imported, a cheap derivation.

TESTS_DATABASE and TESTS_STORAGE choose another database and storage (`make test-all` does).
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="heard-test-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
for name in [name for name in os.environ if name.startswith("HEARD_")]:
    del os.environ[name]
os.environ |= {"HEARD_DATA": str(FOLDER), "HEARD_RESERVE_MB": "1"}
for name in ("DATABASE", "STORAGE"):
    if given := os.environ.get(f"TESTS_{name}"):
        os.environ[f"HEARD_{name}"] = given

from heard.vault import house  # noqa: E402

house.create(FOLDER / "keys")

from heard.settings import *  # noqa: E402, F403

for name in [name for name in os.environ if name.startswith("HEARD_")]:
    del os.environ[name]
PASSWORD_COST = (1, 8 * 1024)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
(FOLDER / "static").mkdir()

"""Mail for development: one .eml file per message, in a folder."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.text import get_valid_filename


class Folder(BaseEmailBackend):
    """Writes each message to EMAIL_FILE_PATH."""

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.folder = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages; the name is the message's id, so the same one never stands there twice."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for message in email_messages:
            parsed = message.message()
            name = get_valid_filename(str(parsed["Message-ID"]).strip("<>").partition("@")[0]) + ".eml"
            part = self.folder / f".{name}"
            part.write_bytes(parsed.as_bytes())
            os.replace(part, self.folder / name)
        return len(email_messages)

"""`heard demo`."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from heard.operating import demo, serving


class Command(BaseCommand):
    """Makes a demo network and serves it."""

    help = "Make a demo network (once), print its logins, and serve it if asked to."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Read the options."""
        parser.add_argument("what", nargs="*", help="`code NAME` prints the six digits of a demo login")
        parser.add_argument("--serve", action="store_true", help="serve it, with a worker")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, what: list[str], serve: bool, port: int, **options: Any) -> None:
        """Make it."""
        if what:
            self.stdout.write(demo.code(what))
            return
        if serve:
            serving.require_port(f"127.0.0.1:{port}")
        people = demo.make()
        url = f"http://127.0.0.1:{port}"
        lines = [
            "",
            f"Heard, demo network. Everything it keeps lies in {settings.DATA}",
            "",
            f"  Report something   {url}/",
            f"  A conference       {url}/e/lantern-conf/   (on right now)",
            f"  Sign in as a team  {url}/team/",
            f"  Mail it sends      {settings.EMAIL_FILE_PATH if settings.HEARD['HEARD_MAIL']['backend'] == 'folder' else 'by SMTP'}",
            "",
            *(f"  {p['email']:20} {p['password']:34} {p['role']}" for p in people),
            "",
            "  The second step asks for six digits. For Ada, in another terminal:",
            f"    HEARD_DATA={settings.DATA} {Path(sys.argv[0]).parent / 'heard'} demo code ada",
            "",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()
        if serve:
            serving.serve(bind=f"127.0.0.1:{port}", with_worker=True)

"""The command `heard`."""

import os
import sys

COMMANDS = {
    "setup": "Make a real installation: keys, database, first chapter, first member.",
    "serve": "Serve the pages.",
    "worker": "Send letters and nudges.",
    "demo": "Make a demo network to try things with.",
    "simulate": "Make an invented network and let a year of cases pass in it.",
    "chapter": "Add a chapter to the network.",
    "member": "Add a member to a team.",
    "check": "Say in words what is wrong with this installation.",
    "recover": "Open a team's reports with its recovery cards, when everybody lost their keys.",
    "rotate": "Put a new house key or signing key into use, while everything runs.",
    "audit": "audit verify: prove that nobody rewrote the record.",
    "screen": "Compare a list of registrations with a list of bans.",
    "check-letter": "Read letters before they leave, and mark what harms.",
    "match": "Try by hand whether two names may be one person.",
    "migrate": "Bring the database up to date.",
}
DJANGO_NAMES = {"check": "doctor"}


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand. A wrong setting ends in a sentence, not in a traceback."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] in {"-h", "--help", "help"}:
        print("usage: heard COMMAND [options]\n")
        for name, meaning in COMMANDS.items():
            print(f"  {name:12} {meaning}")
        return 0 if words else 2
    if words[0] not in COMMANDS:
        print(f"heard: there is no command {words[0]}. `heard help` lists them.", file=sys.stderr)
        return 2
    if words[0] in {"screen", "match"}:  # these need no installation
        from heard.matching import commands

        return commands.run(words)
    if words[0] == "check-letter":
        from heard.sendcheck import commands as letters

        return letters.run(words[1:])
    os.umask(0o077)  # what Heard writes is for nobody else on the machine
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heard.settings")
    from heard.config import WrongSetting

    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(["heard", DJANGO_NAMES.get(words[0], words[0]), *words[1:]])
    except WrongSetting as wrong:
        print(f"heard: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

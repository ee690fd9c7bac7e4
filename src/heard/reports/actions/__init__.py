"""Changes to reports: by the reporter (`submit`, `mailbox`), by the team (`handling`), by the clock (`alarms`)."""

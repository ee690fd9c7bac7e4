"""Letters for the send check: what it learns from, and how well it reads letters it has never seen."""

"""Heard: takes a report, seals it, and leads volunteers through the response."""

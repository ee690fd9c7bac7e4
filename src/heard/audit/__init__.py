"""An append-only record of who did what: a hash chain per safe, per team, per member and for the house,
with signed roots.

In `chain`: `record()` writes an entry, `trail()` reads a chain, `verify()` recomputes everything, `sign_root()` seals
the night. Entries hold metadata alone: an actor, a verb, a thing's id. Never a text, never a name.
"""

"""Everything that leaves, and everything that happens later.

`jobs` is the table of leased work, `worker` runs it, `letters` seals and sends mail.
"""

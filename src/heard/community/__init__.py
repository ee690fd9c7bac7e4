"""The network, its chapters, events and teams: who they are, how they are reached, how they work."""

"""People who sign in, and their keys while they are signed in."""

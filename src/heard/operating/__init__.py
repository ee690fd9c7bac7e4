"""Setting up, serving, checking, and the demo network: what a host does from the terminal."""

"""What `make bench` measures; figures go into docs/performance.md."""

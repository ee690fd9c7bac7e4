"""Pages of cases: `case`, `meeting`, `guest` (the person reported, without an account)."""

"""Pages of reports: `public` for whoever tells us, `mailbox` for the code, `team` for those who respond."""

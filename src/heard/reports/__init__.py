"""Reports: the public form, who receives them, the reporter's mailbox, and the team's side until a case is opened."""

"""What makes and measures `heard.matching`: its tables, its weights, its figures, its peers."""

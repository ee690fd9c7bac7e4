"""Cases: what a team does about one or several reports, from opening to a meeting in which both have been heard."""

"""Reads a letter before it leaves, and marks the words that break a rule of the guide. No Django; offline; in milliseconds.

>>> from heard.sendcheck import check
>>> check("If you would rather withdraw your report, just let us know.", to="reporter").flags
['withdrawal']
"""

from heard.sendcheck.check import Checked, Finding, check
from heard.sendcheck.people import Hidden, numbers_in
from heard.sendcheck.pieces import Piece, pieces
from heard.sendcheck.rules import TO, Rule, rules
from heard.sendcheck.sentences import LONGEST

__all__ = ["LONGEST", "TO", "Checked", "Finding", "Hidden", "Piece", "Rule", "check", "numbers_in", "pieces", "rules"]

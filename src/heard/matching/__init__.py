"""Is this the same person? Pure Python over NumPy and rapidfuzz, no Django; good enough to be used alone.

>>> from heard.matching import Person, Register, compare
>>> register = Register({"B1": Person(["Katherine Brzezicka"], emails=["kate.b@gmail.com"])})
>>> [hit] = register.ask(Person(["Kate Brzezicka"], emails=["kateb+conf@googlemail.com"]))
>>> hit.key, hit.answer.value, hit.why[0]
('B1', 'look', 'the same e-mail address, written with a plus tag')
>>> [(mention.start, mention.end, mention.how) for mention in find("Kate told us in May.", [Person(["Katherine May"])])]
[(0, 4, ('first', 'short form'))]
"""

from heard.matching.mentions import Written
from heard.matching.reader import Mention, find
from heard.matching.register import Answer, Hit, Register, compare
from heard.matching.segment import Person

__all__ = ["Answer", "Hit", "Mention", "Person", "Register", "Written", "compare", "find"]

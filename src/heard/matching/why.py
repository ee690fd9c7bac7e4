"""Why two persons may be one, in words."""

import numpy as np

from heard.matching.evidence import FEATURES, Evidence
from heard.matching.identifiers import mailbox, same_phone
from heard.matching.pairs import Comparison
from heard.matching.words import Level

_AT = {name: number for number, name in enumerate(FEATURES)}
RARE = -11.0
SOME = -8.5
_WORDS = {
    Level.SAME: "{a}: the same",
    Level.SPELLED: "{a} ~ {b}: the same name, written another way",
    Level.LISTED: "{a} ~ {b}: listed as spellings of one name",
    Level.SHORT: "{a} ~ {b}: a short form",
    Level.EDIT: "{a} ~ {b}: one letter differs",
    Level.EDIT_OF_FEW: "{a} ~ {b}: one letter of a short name differs",
    Level.EDITS: "{a} ~ {b}: two letters differ",
    Level.COARSE: "{a} ~ {b}: sounds nearly the same",
    Level.BONES: "{a} ~ {b}: the same consonants",
    Level.UNVOWELED: "{a} ~ {b}: the same letters in a script without vowels",
    Level.UNVOWELED_EDIT: "{a} ~ {b}: nearly the same letters in a script without vowels",
    Level.BEGINS: "{a} ~ {b}: one is the beginning of the other",
    Level.ALIKE: "{a} ~ {b}: looks alike",
    Level.INITIAL: "{a} ~ {b}: an initial that fits",
}
_OTHER_SCRIPT = "{a} ~ {b}: the same, in another script"
_NOTES = [
    ("role_mailbox", "the same address of an office, which many people read"),
    ("local_part", "the same address at another provider, which may be somebody else"),
    ("spelled_in_ours", "the registration's address spells the banned name"),
    ("own_spelling", "but the registration's address spells its own name"),
    ("spelled_in_theirs", "the banned address spells the registered name"),
    ("swapped", "in another order"),
    ("joined", "with words joined or split"),
    ("city_same", "the same city"),
    ("generations_differ", "but one is the elder and one the younger"),
    ("generation_once", "but only one is called Junior or Senior"),
    ("gendered", "but these are names of two people as often as a slip"),
]


def explain(comparison: Comparison, found: Evidence, row: int) -> list[str]:
    """Return the reasons for and against, the strongest first."""
    features = found.features[row]
    return [
        *_identifiers(comparison, int(found.left[row]), int(found.right[row]), features),
        *_names(comparison, found, row),
        *(words for name, words in _NOTES if features[_AT[name]]),
        *_missing(comparison, found, row),
    ]


def strangers(comparison: Comparison, found: Evidence, row: int) -> float:
    """Return how many people of such a name to expect in a register of this size by chance."""
    return float(np.exp(min(found.features[row][_AT["strangers"]], 12.0)))


def _identifiers(comparison: Comparison, left: int, right: int, features: np.ndarray) -> list[str]:
    one, two = comparison.batch, comparison.segment
    reasons = []
    if features[_AT["mailbox"]]:
        keys = {box.key for box in two.mailboxes[right]}
        mine = next(e for e in one.people[left].emails if (m := _key(e)) and m in keys)
        same = any(mine.strip() == email.strip() for email in two.people[right].emails)
        reasons.append(
            "the same e-mail address" if same else f"the same e-mail address{_how(mine, two.people[right].emails)}"
        )
    if features[_AT["handle"]]:
        reasons.append("the same handle")
    if features[_AT["phone"]]:
        pairs = [(a, b) for a in one.people[left].phones for b in two.people[right].phones]
        sure = any(same_phone(a, b) for a, b in pairs)
        reasons.append(
            "the same phone number, which a family may share" if sure else "a phone number with the same last digits"
        )
    return reasons


def _key(email: str) -> str:
    box = mailbox(email)
    return box.key if box else ""


def _how(mine: str, theirs: object) -> str:
    other = next((email for email in theirs if _key(email) == _key(mine)), "")  # type: ignore[attr-defined]
    if "+" in mine.partition("@")[0] or "+" in other.partition("@")[0]:
        return ", written with a plus tag"
    if mine.casefold() == other.casefold():
        return ", in other capitals"
    if mine.casefold().rpartition("@")[2] != other.casefold().rpartition("@")[2]:
        return ", by another name of the same provider"
    return ", written in a way the provider takes for the same"


def _names(comparison: Comparison, found: Evidence, row: int) -> list[str]:
    ours, theirs = comparison.batch.vocabulary, comparison.segment.vocabulary
    mine = comparison.batch.words[found.form[row]]
    yours = comparison.segment.words[found.other_form[row]]
    reasons = []
    for at in np.flatnonzero(found.level[row]):
        a, b = int(mine[at]), int(yours[found.aligned[row, at]])
        level = Level(int(found.level[row, at]))
        share = max(comparison.share[a], comparison.other_share[b])
        rarity = (
            "" if level == Level.INITIAL else ", rare" if share < RARE else "" if share < SOME else ", a common one"
        )
        one, two = shown(ours.words[a]), shown(theirs.words[b])
        words = _OTHER_SCRIPT if level == Level.SAME and one != two else _WORDS[level]
        text = words.format(a=one, b=two)
        reasons.append((float(share), text + rarity))
    return [text for _, text in sorted(reasons)]


def _missing(comparison: Comparison, found: Evidence, row: int) -> list[str]:
    features = found.features[row]
    if features[_AT["no_name"]]:
        return ["but the names differ altogether"]
    return ["but each has a name that the other lacks"] if features[_AT["both_left"]] else []


def shown(word: str) -> str:
    """Return a word of a form as a person reads it."""
    plain = "".join(c for c in word if not "\ue000" <= c <= "\uf8ff")
    return plain[:1].upper() + plain[1:]

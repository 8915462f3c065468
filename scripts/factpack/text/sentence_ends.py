"""Find where the sentences of a line end: by sentencex, within quotations too, and not behind an abbreviation."""

import re
from collections.abc import Iterator
from itertools import accumulate

import sentencex

_DOUBLE = '"“”„‟«»《》「」『』〝〟＂'
_SINGLE = "'‘’‚‛‹›〈〉"
_OPENING = frozenset("“„«《「『〝‘‚‹〈")  # where the characters beside it do not tell
_ALWAYS = frozenset("《》「」『』〝〟〈〉")  # of scripts without spaces
_MARK = re.compile(f"[{_DOUBLE}{_SINGLE}]")
_MARKS = frozenset(_DOUBLE + _SINGLE)
#: What may end a sentence: a sign that only divides one does not.
_STOP = re.compile(rf"[^\w\s,;:(){_DOUBLE}{_SINGLE}–—$€£%&/-]")

#: A number in brackets behind a word: a footnote, which says nothing of where a sentence ends.
_REFERENCE = re.compile(r"\[\d+\]")


def sentence_ends(line: str, language: str) -> list[int]:
    """Return the offset behind every sentence of a line, with the white space behind it.

    A sentence within quotation marks ends as any other does, if another one follows within them. Where sentencex sees
    an end behind an abbreviation, an initial or an ordinal, there is none.

    Args:
        line: The line, in which every white space is a plain space.
        language: Its ISO 639 code.
    """
    plain = _REFERENCE.sub(lambda found: " " * len(found[0]), line) if "[" in line else line
    found = list(_ends(plain, language))
    if '"' in plain or "'" in plain or not plain.isascii():
        found = list(_with_quoted_ends(plain, found, language))
    if "m." in line:
        found = sorted({*found, *(each.end() for each in _METRES.finditer(line))})
    ends: list[int] = []
    for end in found:
        if end == len(line):
            continue
        begun = ends[-1] if ends else 0
        if _is_plain(line, begun, end) or not _goes_on(line, begun, end, language):
            ends.append(end)
    return [*ends, len(line)]


def _with_quoted_ends(line: str, ends: list[int], language: str) -> Iterator[int]:
    begun = 0
    for end in ends:
        if _MARK.search(line, begun, end):
            yield from sorted({begun + inner for inner in _quoted_ends(line[begun:end], language)})
        yield end
        begun = end


def _ends(line: str, language: str) -> Iterator[int]:
    return accumulate(map(len, sentencex.segment(language, line)))


def _quoted_ends(sentence: str, language: str) -> Iterator[int]:
    """Yield the ends within the quotations of what sentencex takes for one sentence, because they keep it together.

    It is split again without its quotation marks: without the double ones, the single ones, and all of them. So the
    sentences of a quotation in a quotation are found, and an apostrophe that looks like a mark spoils nothing.
    """
    stop = _STOP.search(sentence)
    last = next((at for at in range(len(sentence) - 1, 0, -1) if sentence[at].isalpha()), 0)
    if not stop or stop.start() > last:
        return
    marks = {found.start(): _opens(sentence, found.start()) for found in _MARK.finditer(sentence)}
    kinds = [kind for kind in (_DOUBLE, _SINGLE) if any(sentence[at] in kind for at in marks)]
    ends: set[int] = set()
    for hidden in {*kinds, "".join(kinds)}:
        letters = list(sentence.translate(_NO_BRACKETS))
        for at, opens in marks.items():
            if opens is not None and sentence[at] in hidden:
                letters[at] = " " if opens else "x"  # no sentence ends between a full stop and a letter
            elif opens is not None:
                letters[at] = "“" if opens else "”"  # sentencex does not know every pair
        ends.update(_ends("".join(letters), language))
    for end in ends:
        at = end
        while at and (sentence[at - 1] in " (" or marks.get(at - 1)):  # the next sentence begins with the mark
            at -= 1
        rest = _after_spaces(sentence, at)
        if at > 0 and rest <= last and marks.get(rest) is not False:
            yield rest


_NO_BRACKETS = str.maketrans("()", " x")


def _after_spaces(line: str, at: int) -> int:
    while at < len(line) and line[at] == " ":
        at += 1
    return at


def _opens(text: str, at: int) -> bool | None:
    """Tell whether the mark there opens a quotation or closes one; ``None`` if it is an apostrophe within a word."""
    mark, before, after = text[at], text[at - 1 : at] or " ", text[at + 1 : at + 2] or " "
    if mark in "'‘’" and before.isalnum() and after.isalnum():
        return None
    apart, ahead = before in " ([{-–—/:", after in " ,.;:!?)]}…"
    return mark in _OPENING if mark in _ALWAYS or apart == ahead else apart


#: Words with a full stop before a name, beyond those that sentencex knows in the language.
_BEFORE_NAME = re.compile(
    r"(?<![\w.])(?:Dr|Dra|Drs|Pr|Prof|Mr|Mrs|Ms|MM|Mme|Mmes|Mlle|Mlles|Mgr|Msgr|Sr|Sra|Srta|Sig|Dott|Hr|Dhr|Mevr|Mw|St|"
    r"Ste|dr|dra|drs|prof|mgr|sr|sra|sig|dott|dhr|mevr|mw|ks|e\.g|i\.e|z\.B|p\.ex|p\.ej|cf|vs)\.$"
)
_BEFORE_NUMBER = re.compile(
    r"(?<![\w.])(?:No|Nr|nr|Nº|nº|n|p|pp|pág|S|str|Str|art|Art|Abs|vol|Vol|fig|Fig|Bd|Kap|ch|Ch|sec|Sec)\.$"
)
_ET_AL = re.compile(r"(?<!\w)et al\.(?: *\[\d+\])*$")
#: An initial, or the letter of a list, that is all there is of a sentence.
_LONE_LETTER = re.compile(r"\W{,5}[^\W\d_]\. *")
_LONE = 7  # code points of it without the spaces
#: A length, and the next sentence: sentencex takes the full stop for one of an abbreviation.
_METRES = re.compile(r"\d ?m\. +(?=[A-Z])")

_LONGEST = len("Mlles.")  # of what these find

#: A number of up to three digits and the word before it.
_NUMBER = re.compile(r"(\w+) \d{1,3}\.$")
#: Where an ordinal is written with a full stop. Only in German can the noun behind it begin with a capital.
_ORDINAL_LANGUAGES = frozenset(
    [
        "bs",
        "cs",
        "da",
        "de",
        "et",
        "eu",
        "fi",
        "fo",
        "hr",
        "hu",
        "is",
        "lb",
        "lt",
        "lv",
        "mk",
        "nb",
        "nds",
        "nn",
        "no",
        "pl",
        "sk",
        "sl",
        "sq",
        "sr",
        "sv",
        "tr",
    ]
)
_GERMAN = frozenset({"de", "gsw", "lb", "nds"})
_BEFORE_ORDINAL = re.compile(
    r"d(?:er|ie|as|em|en|es)|am|im|vom|zum|zur|beim|ab|bis|seit|und|oder|"
    r"(?:ein|jed|dies|ihr|sein|mein|unser)(?:e|em|en|er|es)?",
    re.IGNORECASE,
)
_BEGINS = re.compile(rf"(?:{_BEFORE_ORDINAL.pattern}|er|sie|es|wir|ich|man|aber|doch|dann|auch|in)\b", re.IGNORECASE)

_DIVIDERS = frozenset(",;:")
#: What has to stand right before or behind an end if it is to be none; a line can have millions of ends.
_LOOKED_AT = frozenset(f" .]{''.join(_DIVIDERS)}{_DOUBLE}{_SINGLE}")
_DASH = re.compile(r"[—–-] *")
_WINDOW = 40  # code points on each side of an end that are looked at


def _is_plain(line: str, begun: int, end: int) -> bool:
    """Tell whether an end is one at a glance, as nearly all are: what :func:`_goes_on` looks for is not there."""
    last, after = line[end - 1], line[end]
    if last == " ":
        last = line[end - 2]
        if last == "." and after.isalnum() and end - begun > _LONE and line[end - _LONGEST - 2 : end - 2].isalpha():
            return True  # behind a word that is longer than any abbreviation
    return last not in _LOOKED_AT and after not in _LOOKED_AT


def _goes_on(line: str, begun: int, end: int, language: str) -> bool:
    """Tell whether a sentence goes on behind what sentencex takes for its end."""
    after = _after_spaces(line, end)
    behind, ahead = line[max(end - _WINDOW, begun) : end].rstrip(" "), line[after : after + _WINDOW]
    if not ahead or ahead[0] in _DIVIDERS or (len(behind) <= _LONE and _LONE_LETTER.fullmatch(line, begun, end)):
        return True
    if ahead[0] in _MARKS:  # one that closes belongs to what is before it
        return (ahead[0] in _ALWAYS or after == end) and _opens(line, after) is False
    if behind[-1:] in _MARKS:  # what was said goes on with who said it
        return _DASH.sub("", ahead, count=1)[:1].islower() or (behind[-1] in "」』" and ahead[0] in "とっ")
    return behind[-1:] in (".", "]") and _is_abbreviated(behind, ahead, language)


def _is_abbreviated(behind: str, ahead: str, language: str) -> bool:
    """Tell whether the full stop before an end is part of an abbreviation or of an ordinal."""
    if not ahead[0].isupper() and _ET_AL.search(behind):
        return True
    near = max(len(behind) - _LONGEST, 0)  # a search from there on sees what is before it all the same
    if not ahead[0].isalpha():
        return ahead[0].isdigit() and bool(_BEFORE_NUMBER.search(behind, near))
    if not behind[-2:-1].isdecimal() or not (number := _NUMBER.search(behind)):
        return bool(_BEFORE_NAME.search(behind, near))
    if ahead[0].islower():
        return language in _ORDINAL_LANGUAGES
    return language in _GERMAN and bool(_BEFORE_ORDINAL.fullmatch(number[1])) and not _BEGINS.match(ahead)

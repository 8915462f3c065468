"""Choose how each label of a scheme looks: by its tone, which the style sheets give a colour, a line and a sign.

A tone is also the class of what is drawn, so that the name of a label, which can have blanks and slashes, never is one.
"""

from factpack.project.scheme import LabelSpec, Scheme

#: The tones that say what the evidence makes of a claim, and those of what has no label, each with its pattern.
_MEANING = ("supported", "disputed", "erroneous")
_PATTERNS = {"disputed": "stripes", "unverified": "stripes", "erroneous": "cross", "not_checkable": "cross"}

# Every colour comes with two patterns, so that all further tones differ in the pair, and ten of them in each.
_COLOURS = 10
_NEUTRAL = ("dots", "back", "bars", "grid", "rows", "rings", "zigzag", "wide", "diamonds", "dashes")

#: The tones of labels that the evidence alone does not explain; with more labels than that they are used again.
NEUTRAL_TONES = tuple(f"tone-{number}" for number in range(1, 2 * _COLOURS + 1))


def tones(scheme: Scheme) -> dict[str, str]:
    """Return the tone of each label.

    A label that needs evidence against the claim and a correction has the tone of an erroneous claim, one that needs
    evidence against it that of a disputed one, and one that needs evidence for it that of a supported one. If several
    labels need the same, the first has it; all others have neutral tones.
    """
    found: dict[str, str] = {}
    for label, spec in scheme.labels.items():
        tone = _meaning(spec)
        if not tone or tone in found.values():
            further = sum(each not in _MEANING for each in found.values())
            tone = NEUTRAL_TONES[further % len(NEUTRAL_TONES)]
        found[label] = tone
    return found


def _meaning(spec: LabelSpec) -> str:
    sides = set(spec.needs) - {"neither"}
    if sides == {"against"}:
        return "erroneous" if spec.correction == "required" else "disputed"
    return "supported" if sides == {"for"} else ""


def pattern(tone: str) -> str:
    """Name the pattern of a tone in a chart; nothing for a plain one."""
    if tone not in NEUTRAL_TONES:
        return _PATTERNS.get(tone, "")
    number = NEUTRAL_TONES.index(tone)
    second = number // _COLOURS * (_COLOURS // 2)
    return _NEUTRAL[(number + second) % len(_NEUTRAL)]

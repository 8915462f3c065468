"""Name the characters that neither an id nor a label can have, as a class of a pattern lists them."""

#: Signs with a meaning in an address, a table or a terminal, from ``<`` on, and what cannot be seen: controls, blanks,
#: marks of direction, private use. What is before ``<`` in ASCII, each pattern says for itself.
IN_NO_NAME = (
    r"<>?\[\\\]^`{|}~\x7f-\xa0\xad\u061c\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f"
    r"\u3000\ue000-\uf8ff\ufeff\ufff0-\uffff"
)

"""Messages for what an earlier stage found wrong: reading a file, looking up a name, searching for a quote.

Every message is one small function in a module of this package, made a rule by :func:`factpack.checks.rule.message`,
so that it has an id, a severity and a manual page like every other rule.
"""

from factpack.checks.messages import citations, files, names, quotes, reading, readings, splits, values

MESSAGES = (citations, files, names, quotes, reading, readings, splits, values)

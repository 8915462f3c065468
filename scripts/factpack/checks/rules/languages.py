"""Judge languages: their codes, the list of the dataset, and the letters of the texts."""

import unicodedata
from collections import Counter
from collections.abc import Iterator

from factpack.checks.hub_vocabulary import advice
from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.subjects import LanguageCode, Languages
from factpack.corpus.types import RegisteredText


@rule("error")
def unknown_language(language: LanguageCode) -> Iterator[Problem]:
    """Give a language of the dataset or of an article by its ISO 639 code: the Hub refuses a card with anything else.

    Bad: ``languages: [English]``; ``language: jp``, which is the code of a country

    Good: ``languages: [en]``; ``language: ja``
    """
    advised = advice("language", language.code)
    if advised:
        yield Problem(language.place, f"the Hub does not know the language `{language.code}`", advised)


@rule("error")
def languages_differ(languages: Languages) -> Iterator[Problem]:
    """List exactly the languages of the articles, because people search for datasets by language. A dataset may list
    others if claims may stand in no article.

    Bad: ``languages: [en]``, and an article with ``language: ar``

    Good: ``languages: [en, ar]``
    """
    dataset, articles = languages.dataset, languages.articles
    listed = dataset.value.languages
    if any(advice("language", code) for code in (*listed, *articles)):
        return  # which is said already; what the code should be is not known
    # Claims in no article may be in a language of their own.
    alone = "article" in dataset.value.scheme.optional
    idle = [index for index, code in enumerate(listed) if code not in articles and not alone]
    missing = [code for code in articles if code not in listed]
    if idle or missing:
        differences = [f"article {articles[code]} is in `{code}`, which is not listed" for code in missing]
        differences += [f"no article is in `{listed[index]}`" for index in idle]
        right = ", ".join([*(code for code in listed if code in articles), *missing])
        hint = f"Write `languages: [{right}]`, or correct `language:` of the articles."
        yield Problem(dataset.at("languages", *idle[:1]), "; ".join(differences), hint)


#: The scripts of languages that are written in no other, by the first word of the Unicode names of their letters.
_SCRIPTS = {
    "af ca cs cy da de en es et eu fi fr ga gl hr hu id is it lt lv mt nb nl nn no pl pt ro sk sl sq sv sw tl tr vi": (
        "LATIN",
    ),
    "be bg mk ru uk": ("CYRILLIC",),
    "ar fa ps ur": ("ARABIC",),
    "he yi": ("HEBREW",),
    "el": ("GREEK",),
    "hy": ("ARMENIAN",),
    "ka": ("GEORGIAN",),
    "am ti": ("ETHIOPIC",),
    "hi mr ne": ("DEVANAGARI",),
    "bn": ("BENGALI",),
    "gu": ("GUJARATI",),
    "ta": ("TAMIL",),
    "te": ("TELUGU",),
    "kn": ("KANNADA",),
    "ml": ("MALAYALAM",),
    "si": ("SINHALA",),
    "th": ("THAI",),
    "lo": ("LAO",),
    "km": ("KHMER",),
    "my": ("MYANMAR",),
    "zh": ("CJK", "BOPOMOFO"),
    "ja": ("CJK", "HIRAGANA", "KATAKANA", "HALFWIDTH"),
    "ko": ("HANGUL", "CJK"),
}
_WRITTEN_IN = {code: scripts for codes, scripts in _SCRIPTS.items() for code in codes.split()}
_LOOKED_AT = 2_000  # code points; the beginning of a text shows its script


@rule("warning")
def language_of_other_script(article: RegisteredText) -> Iterator[Problem]:
    """Register the language that an article is written in: at least half of the letters at its beginning belong to the
    script of that language. Latin letters count for every language, because any can be written in them. The rule judges
    only languages with one script.

    Bad: ``language: en`` for an article in Arabic letters

    Good: ``language: ar``
    """
    language = article.record.value.language
    text = article.text.text[:_LOOKED_AT]
    wanted = _WRITTEN_IN.get(language)
    if not wanted or len(text.encode()) < 1.3 * len(text):  # mostly ASCII, which is seen at once
        return
    letters = Counter[str]()
    for letter, count in Counter(text).items():
        if letter.isalpha():
            letters[unicodedata.name(letter, "").partition(" ")[0]] += count
    if 2 * sum(letters[script] for script in {*wanted, "LATIN"}) < letters.total():
        found = letters.most_common(1)[0][0].title()
        message = (
            f"article {article.record.value.id} is registered as `{language}`, but most of its letters are {found}"
        )
        hint = "Write the language of the text, here and under `languages:` in annotations/dataset.yaml."
        yield Problem(article.record.at("language"), message, hint)

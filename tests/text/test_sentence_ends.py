"""Where sentences end: within quotations, and not behind abbreviations."""

import pytest

from factpack.text.sentences import sentence_bounds


def pieces(text: str, language: str = "en") -> list[str]:
    """The sentences as text."""
    bounds = sentence_bounds(text, language)
    return [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", "“We lost. | The toll is 90. | Nobody came,” he said."),
        ("en", '"We lost. | The toll is 90. | Nobody came," he said.'),
        ("en", "'We lost. | The toll is 90. | Nobody came,' he said."),
        ("en", "‘The boys’ fault. | We lost. | It’s late,’ he said."),
        ("en", "(“We lost. | The toll is 90. | Nobody came,” he said.)"),
        ("en", "“Mr. Smith, Ph.D., came. | Mrs. Jones left,” he said."),
        ("en", "“We lost.[3] | Nobody came,” he said."),
        ("en", "He said: “We lost. | Why?” | Then he left."),
        ("de", "„Wir haben verloren. | Es sind 90. | Niemand kam“, sagte er."),
        ("de", "»Wir haben verloren. | Es sind 90. | Niemand kam«, sagte er."),
        ("fr", "« Nous avons perdu. | Le bilan est de 90. | Personne », dit-il."),
        ("fr", "«\u00a0Non. | Oui.\u00a0» | Puis il part."),
        ("ru", "«Мы проиграли. | Погибло 90. | Никто не пришёл!» — сказал он."),
        ("sv", "”Vi förlorade. | Det är 90. | Ingen kom”, sa han."),
        ("pl", "„Nie. | Jest 90. | Nikt nie przyszedł”, powiedział."),
        ("ja", "「負けた。|死者は90人。|誰も来なかった」と彼は言った。"),
        ("ja", "『負けた。|死者は90人。』と彼は言った。"),
        ("zh", "“我们输了。|死亡90人。|没人来”他说。"),
        ("ar", 'قال: "لقد خسرنا. | العدد ٩٠. | هل جاء أحد؟ | لا" ثم ذهب.'),
        ("ar", "قال: «لقد خسرنا. | العدد ٩٠. | هل جاء أحد؟ | لا» ثم ذهب."),
        ("hi", "उसने कहा, “हम हार गए। | संख्या ९० है। | कोई नहीं आया” और गया।"),
        # a quotation in a quotation
        ("en", "“He asked: ‘Where? | When? | Who?’ | She left. | Then I did,” he said."),
        ("en", "‘He asked: “Where?” | She left. | Then I did,’ he said."),
        ("en", "\"'We lost. | No,' he said. | I left,\" she said."),
        ("de", "„Er sagte: ‚Wir sind da. | Es regnet.‘ | Dann ging er“, sagte sie."),
    ],
)
def test_every_sentence_of_a_quotation_counts(language: str, sentences: str) -> None:
    """Somebody has to account for each, whatever the marks."""
    assert pieces(sentences.replace("|", ""), language) == [each.strip() for each in sentences.split("|")]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", '"I said no," he told us.'),
        ("en", "“We lost!” he said."),
        ("en", "He called it “Stop” and left."),
        ("en", "It was the ’90s, rock ’n’ roll and the boys’ fault."),
        ("fr", "« Non ! » dit-il."),
        ("de", "„Schluss!“, sagte er."),
        ("ru", "«Нет!» — сказал он."),
        ("ru", "«Нет!» сказал он."),
        ("ja", "「はい。」と彼は言った。"),
        ("zh", "他说“好”就走了。"),
    ],
)
def test_a_quotation_that_is_part_of_a_sentence_is_not_cut(language: str, sentence: str) -> None:
    """Nor is it from the words that say whose it is."""
    assert pieces(sentence, language) == [sentence]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("fr", "M. Dupont a dit que 15 personnes sont mortes. | M. Durand est là."),
        ("fr", "Il est là avec MM. Dupont et Durand. | Mme. Royal, Mlle. Roy et le Dr. Petit partent."),
        ("fr", "« M. Dupont est là. | J. Chirac aussi », dit-il."),
        ("de", "Die 2. Runde begann um 12 Uhr. | Am 24. Juni war der 50. Geburtstag. | Zum 3. Mal."),
        ("de", "Die Zahl stieg auf 15. | Helfer suchen. | Das waren die 15. | Er kam 2004. | Die Stadt half."),
        ("pl", "W 2. rundzie dr. Nowak wygrał. | To prof. Kowalski."),
        ("cs", "Ve 2. kole vyhrál. | Bylo jich 15. | Potom odešel."),
        ("nl", "Dhr. Jansen en mevr. de Vries spraken. | Het regent."),
        ("es", "El Sr. Pérez y la Sra. López hablaron. | Smith et al. [3] dicen, Ruiz et al. (2004) no."),
        ("en", "Yan et al. [2004] counted 15 people. | Smith et al. [2], and others, did not. | See cf. [3] for it."),
        ("en", "See e.g. Smith, i.e. No. 5 and Vol. 5 of it. | The U.S. Senate met."),
        ("en", "He lives in the U.S. | He came. | J. R. R. Tolkien wrote. | Gen. Lee met Sen. Smith."),
        ("en", "It rose.[3][4] | Then it fell. [5] | It ended."),
        ("en", "The bridge cost $5 m. | Nobody was hurt."),
        ("en", "He said no. | He has plan B. | Then it rained."),
    ],
)
def test_an_abbreviation_or_an_ordinal_ends_no_sentence(language: str, sentences: str) -> None:
    """Also where sentencex takes it for an end; a number or a word at an end still is one."""
    assert pieces(sentences.replace("|", ""), language) == [each.strip() for each in sentences.split("|")]

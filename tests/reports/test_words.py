import re

import pytest

from biomech.definitions import DEFINITIONS
from biomech.errors import ConfigError
from biomech.quality import REASONS
from biomech.schema import EVENT_NAMES, GRADE, VIEW
from reports.cards import notes
from reports.findings import meaning_of, reason_of, title_of
from reports.numbers import number
from reports.words import LANGUAGES, words

#: English has these in biomech itself.
FROM_BIOMECH = {"metric", "reason", "card"}
OTHERS = [language for language in LANGUAGES if language != "en"]


def keys(catalogue):
    return {
        (section, key)
        for section, entries in catalogue.items()
        if section not in FROM_BIOMECH | {"language"}
        for key in entries
    }


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_keys_of_english(language):
    assert keys(words(language)) == keys(words("en"))


@pytest.mark.parametrize("language", OTHERS)
def test_every_placeholder_of_english_is_there(language):
    def places(text):
        return {part.split("}")[0] for part in text.split("{")[1:]}

    other, english = words(language), words("en")
    for section, key in keys(english):
        assert places(other[section][key]) == places(english[section][key]), key


@pytest.mark.parametrize("language", OTHERS)
def test_every_metric_has_a_title_and_a_meaning_of_its_own(language):
    metrics = words(language)["metric"]

    assert metrics.keys() == DEFINITIONS.keys()
    for name, card in DEFINITIONS.items():
        assert metrics[name].keys() == {"title", "meaning"}
        assert metrics[name]["meaning"] != card.meaning
        assert meaning_of(name, words(language)) == metrics[name]["meaning"]
    assert len({m["title"] for m in metrics.values()}) == len(metrics)


def numbers(text):
    """All numbers of a text, with a decimal point and no marks between thousands."""
    plain = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", text).replace(",", ".")
    return sorted(re.findall(r"\d+(?:\.\d+)?", plain))


@pytest.mark.parametrize("language", OTHERS)
def test_every_note_of_a_card_is_translated_with_the_same_numbers(language):
    english = {text for name in DEFINITIONS for _, text in notes(name, words("en"))}
    translated = words(language)["card"]

    assert translated.keys() == english
    for text, other in translated.items():
        assert numbers(other) == numbers(text), text
    shown = [text for name in DEFINITIONS for _, text in notes(name, words(language))]
    assert set(shown) == set(translated.values())


@pytest.mark.parametrize("language", OTHERS)
def test_every_reason_is_translated(language):
    reasons = words(language)["reason"]

    assert reasons.keys() == REASONS.keys()
    for code, text in REASONS.items():
        assert reason_of(code, words(language)) == reasons[code] != text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_grade_and_view_has_a_word(language):
    said = words(language)

    assert said["event"].keys() == set(EVENT_NAMES)
    assert said["grade"].keys() == set(GRADE.categories)
    assert said["view"].keys() == set(VIEW.categories)


def test_english_titles_come_from_the_definition_cards():
    assert title_of("cadence", words("en")) == DEFINITIONS["cadence"].title


def test_an_unknown_language_is_an_error_that_names_the_nearest():
    with pytest.raises(ConfigError, match="'dee'"):
        words("dee")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (-5.97, "deg", "−6.0"),
        (-0.04, "pct", "0.0"),
        (1.294, "s", "1.29"),
        (0.0224, "m", "0.022"),
        (1669.3, "deg_s", "1669"),
        (3.0, "", "3"),
        (None, "m", "–"),
    ],
)
def test_a_number_has_the_digits_its_unit_deserves(value, unit, text):
    assert number(value, unit, words("en")) == text
    assert number(value, unit, words("de")) == text.replace(".", ",")

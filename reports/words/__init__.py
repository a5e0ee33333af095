"""All words of the pages: one catalogue per language, the same keys in each."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from biomech.errors import ConfigError, did_you_mean

#: Words by section and key.
Words = dict[str, Any]

#: Languages there are.
LANGUAGES = ("en", "de")


@cache
def words(language: str = "en", /) -> Words:
    """Read the catalogue of a language.

    Parameters
    ----------
    language
        ``"en"`` or ``"de"``.

    Returns
    -------
    Words by section and key. Do not change it.

    Raises
    ------
    ConfigError
        If there is no such language.
    """
    if language not in LANGUAGES:
        msg = f"no words in language {language!r}" + did_you_mean(language, LANGUAGES)
        raise ConfigError(msg)
    text = files(__package__).joinpath(f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)

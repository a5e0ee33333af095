"""The README is true: its code runs, its commands exist, its tables are generated."""

import re

import pytest
from typer.main import get_command

from biomech.definitions.registry import CARDS
from biomech.schema import METRICS
from pipelines.cli import app


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text(encoding="utf-8")


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_python_blocks_run(readme, capsys):
    found = blocks(readme, "python")

    for code in found:
        exec(compile(code, "README.md", "exec"), {})

    assert found
    assert "cadence" in capsys.readouterr().out


def test_every_command_is_documented_and_has_help(readme):
    commands = get_command(app).commands

    missing = [name for name in commands if f"`biomech {name}`" not in readme]
    silent = [name for name, command in commands.items() if not command.help]
    assert missing == []
    assert silent == []


def test_commands_of_the_readme_exist(readme):
    commands = set(get_command(app).commands)

    named = set(re.findall(r"`biomech ([a-z]+)", readme))
    assert named <= commands


def test_the_metrics_table_of_the_readme_is_that_of_the_schema(readme):
    assert METRICS.to_markdown() in readme


def test_pictures_of_the_readme_are_there(root, readme):
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", readme)

    assert pictures
    assert all((root / picture).is_file() for picture in pictures)


def test_every_card_is_complete_and_no_metric_has_two():
    names = [card.metric for card in CARDS]

    assert sorted(names) == sorted(set(names))
    for card in CARDS:
        assert card.title, card.metric
        assert card.meaning.endswith("."), card.metric
        assert card.formula, card.metric
        assert card.source, card.metric

import re
from pathlib import Path

import topics

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")


def test_the_glossarys_code_names_exist() -> None:
    root = Path(__file__).parents[2]
    source = "\n".join(
        path.read_text(encoding="utf-8") for folder in ("catalog", "topics") for path in (root / folder).rglob("*.py")
    )
    for dotted in re.findall(r"`((?:catalog|topics)\.[a-z_]+)(?:\.\w+)?`", GLOSSARY):
        assert (root / (dotted.replace(".", "/") + ".py")).exists(), dotted
    for name in re.findall(r"`(?:catalog|topics)\.[a-z_]+\.(\w+)`", GLOSSARY):
        assert re.search(rf"^(class|def) {name}\b", source, re.MULTILINE), name
    schemas = {path.name.split(".")[0] for path in (Path(topics.__path__[0]) / "schemas").glob("*.avsc")}
    facts = set(re.findall(r"`([A-Z][a-z]+[A-Z][a-z]+)`", GLOSSARY))
    assert facts <= schemas


def test_no_term_stands_twice_in_one_table() -> None:
    for table in GLOSSARY.split("\n## ")[1:]:
        terms = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
        assert len(terms) == len(set(terms)), table

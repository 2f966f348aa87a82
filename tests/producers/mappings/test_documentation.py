import re
from pathlib import Path

from catalog.resources import load_resources
from producers.drafts import CheckedDraft, DraftRules, examine
from producers.mappings import Mapping
from topics.identifiers import make_uscc

TEXT = (Path(__file__).parents[3] / "docs" / "mappings.md").read_text(encoding="utf-8")


def test_the_example_of_the_documentation_maps_a_row(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    path = tmp_path / "customs.toml"
    path.write_text(example, encoding="utf-8")
    mapping = Mapping.load(path)
    row = {
        "序号": "1",
        "统一社会信用代码": make_uscc("91", "610132", 3),
        "备案号": "6101960001",
        "变更时间": "2024-05-01 09:00:00",
        "备案日期": "2019/7/7",
        "类型": "N/A",
        "状态": "1",
        "有效期至": "2099-12-31",
    }

    mapping.demand_header(list(row))
    draft = mapping.apply(row, 2)

    assert isinstance(draft, dict)
    assert isinstance(examine(draft, DraftRules("customs", load_resources()), draft["version"]), CheckedDraft)
    assert draft["content"]["valid_to"] is None
    assert draft["content"]["status"] == "有效"

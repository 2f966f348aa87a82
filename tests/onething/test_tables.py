import json
from pathlib import Path

import pytest

from onething.endpoints import kafka_options
from onething.preparation import prepare_log
from onething.settings import load_settings
from onething.tables import check_table, publish_table, reconciliation_path
from topics.identifiers import make_uscc

HEADER = "企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,所在省份,地区,注册地址"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    good, bad = (make_uscc("91", "610115", number) for number in (70_001, 70_002))
    path = tmp_path / "registrations.csv"
    rows = [f"西安某商贸有限公司,{code},1998-02-03,N/A,,N/A,百货,陕西,西安,某路1号" for code in (good, bad.lower())]
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_table_is_checked_without_any_kafka(table: Path) -> None:
    account = check_table(table, "registrations-shaanxi")

    assert (account.rows, account.published, len(account.refused)) == (2, 1, 1)


@pytest.mark.broker
def test_a_table_is_published_and_its_reconciliation_written(
    kafka: str, table: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    monkeypatch.setenv("ONETHING_KAFKA__BOOTSTRAP_SERVERS", kafka)
    settings = load_settings()
    prepare_log(settings, kafka_options(settings))
    heard: list[int] = []

    account = publish_table(settings, table, "registrations-shaanxi", progress=heard.append)

    told = json.loads(reconciliation_path(settings, table).read_text(encoding="utf-8"))
    assert (account.published, account.archives, heard) == (1, 1, [2])
    assert [row["line"] for row in told["refused_rows"]] == [3]
    assert {each["topic"] for each in told["receipts"]} == {
        "registration.market-regulation",
        "rejected.market-regulation",
    }

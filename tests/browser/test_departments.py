"""A department's day at the console: what was refused, what waits, what was published, what others ask for."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.city_hub import CityHub, awaited
from tests.browser.pictures import picture
from tests.browser.seat import take_seat

pytestmark = pytest.mark.browser

OFFICE = "market-regulation"
OFFICE_NAME = "市市场监管局"
OTHERS = "fire-rescue"


def open_refusals(hub: CityHub, code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = hub.get(f"/v1/departments/{code}/refusals", limit=200)["refusals"]
    return found


@pytest.fixture(scope="module")
def refused(console: CityHub) -> list[dict[str, Any]]:
    """What the city's market regulation sent wrongly, once the gateway has read all of it."""
    due = sum(console.city.account.refusals.values())
    assert due
    awaited(lambda: len(open_refusals(console, OFFICE)) >= 2, "refused records are listed")
    return open_refusals(console, OFFICE)


def test_without_a_seat_a_page_says_how_to_take_one(page: Page) -> None:
    page.goto("/departments/refusals")
    expect(page.get_by_role("main")).to_contain_text("请先选择部门和经办人")
    page.get_by_role("button", name="选择部门").click()
    expect(page.get_by_role("dialog")).to_contain_text("由本人如实填写")


def test_a_refused_record_is_mended_field_by_field(page: Page, console: CityHub, refused: list[dict[str, Any]]) -> None:
    record = next(each for each in refused if each["reasons"][0]["field"] == "content.territory")
    take_seat(page, OFFICE_NAME, "张三")
    page.goto("/departments/refusals")
    expect(page.get_by_role("table")).to_contain_text("缺少必填项")
    picture(page, "department-refusals")
    page.locator(f"a[href$='{record['event_id']}']").click()
    expect(page.get_by_role("heading", name="拒收原因")).to_be_visible()
    territory = page.get_by_label("content.territory")
    territory.fill("6101")
    page.get_by_role("button", name="检查", exact=True).click()
    expect(page.get_by_text("不是六位行政区划代码").first).to_be_visible()
    territory.fill("610112")
    page.get_by_role("button", name="检查", exact=True).click()
    expect(page.get_by_text("检查通过，可以上报")).to_be_visible()
    picture(page, "department-refusal")
    page.get_by_role("button", name="更正并上报").click()
    expect(page.get_by_text("更正后事件")).to_be_visible()
    settled = console.get(f"/v1/departments/{OFFICE}/refusals/{record['event_id']}")["settled"]
    assert (settled["outcome"], settled["settled_by"]) == ("mended", "张三")
    expect(page.get_by_text(settled["became"])).to_be_visible()


def test_an_unreadable_record_is_put_aside_with_a_reason(
    page: Page, console: CityHub, refused: list[dict[str, Any]]
) -> None:
    record = next(each for each in refused if each["reasons"][0]["code"] == "unreadable")
    take_seat(page, OFFICE_NAME, "李四")
    page.goto(f"/departments/refusals/{OFFICE}/{record['event_id']}")
    page.get_by_role("button", name="打开原文（留痕）").first.click()
    expect(page.get_by_label("记录", exact=True)).to_be_visible()
    page.get_by_role("button", name="搁置此记录").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("理由").fill("系统联调的测试数据")
    dialog.get_by_role("button", name="确定").click()
    expect(page.get_by_text("系统联调的测试数据")).to_be_visible()
    assert record["event_id"] not in {each["event_id"] for each in open_refusals(console, OFFICE)}


def test_records_that_are_still_wrong_are_told_one_by_one_and_kept_once(
    page: Page, console: CityHub, refused: list[dict[str, Any]]
) -> None:
    wrong = next(each for each in refused if each["reasons"][0]["code"] == "resource-of-another-department")
    take_seat(page, OFFICE_NAME, "张三")
    page.goto("/departments/refusals?reason=resource-of-another-department")
    page.get_by_role("checkbox", name=f"选择 {wrong['event_id']}").click()
    page.get_by_role("button", name="批量原样重报").click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    outcomes = page.get_by_role("dialog").last
    expect(outcomes.get_by_text("未成 1 项")).to_be_visible()
    expect(outcomes).to_contain_text("属于其他部门")
    outcomes.get_by_role("button", name="关闭").click()
    found = console.get(f"/v1/departments/{OFFICE}/refusals/{wrong['event_id']}")
    assert (found["state"], found["attempts"]) == ("open", [])


def test_another_departments_record_is_not_shown(page: Page, refused: list[dict[str, Any]]) -> None:
    take_seat(page, "市消防救援支队", "王五")
    page.goto(f"/departments/refusals/{OFFICE}/{refused[0]['event_id']}")
    expect(page.get_by_text("这是其他部门的记录")).to_be_visible()


def test_records_that_are_nobodys_are_the_data_bureaus(page: Page, console: CityHub) -> None:
    console.post("/v1/events", {"source": "nobody", "type": "LicenceIssued"})
    (record,) = awaited(lambda: open_refusals(console, "hub"), "a record of nobody is listed")
    take_seat(page, department_name(console, "data-bureau"), "赵六")
    page.goto("/departments/refusals")
    page.get_by_role("link", name="查看来源不明的拒收记录").click()
    expect(page.get_by_role("table")).to_contain_text("数源部门（source）：不是已登记的数源部门")
    page.locator(f"a[href$='{record['event_id']}']").click()
    expect(page.get_by_role("heading", name="更正并重新上报")).to_be_visible()
    take_seat(page, OFFICE_NAME, "张三")
    expect(page.get_by_text("这是其他部门的记录")).to_be_visible()


def test_refused_records_fit_a_phone(phone: Page, refused: list[dict[str, Any]]) -> None:
    assert refused
    take_seat(phone, OFFICE_NAME, "张三")
    phone.goto("/departments/refusals")
    expect(phone.get_by_role("table")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    picture(phone, "department-refusals-phone")


def test_a_check_is_answered_by_one_and_reviewed_by_another(page: Page, console: CityHub) -> None:
    case_id = console.verify()
    code = console.asked[1][0]
    name = department_name(console, code)
    take_seat(page, name, "张三")
    page.goto("/departments/inbox")
    row = page.get_by_role("row").filter(has_text=console.asked[0].partition(":")[2])
    picture(page, "department-inbox")
    row.get_by_role("button", name="答复").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("说明").fill("经人工查询，未发现记录")
    dialog.get_by_role("button", name="确定").click()
    expect(row).to_contain_text("待审核")
    row.get_by_role("button", name="审核").click()
    dialog.get_by_role("button", name="确定").click()
    expect(page.get_by_text("经办人不得审核自己的答复")).to_be_visible()
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_have_count(0)
    take_seat(page, name, "李四")
    row.get_by_role("button", name="审核").click()
    dialog.get_by_role("button", name="确定").click()
    expect(row).to_have_count(0)
    case = console.get(f"/v1/verifications/{case_id}")
    parts = [part for line in case["lines"] for part in line["parts"] if part["department"] == code]
    assert "clear" in {part["answer"] for part in parts}


def test_an_item_is_decided_on_its_page_with_the_keyboard_alone(page: Page, console: CityHub) -> None:
    case_id = console.apply("journey-keyboard")
    code, assignment = assignment_of(console, case_id)
    name = department_name(console, code)
    take_seat(page, name, "张三")
    page.goto("/departments/inbox")
    link = page.locator(f"tbody a[href$='{assignment}']").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="经办", exact=True)).to_be_visible()
    picture(page, "department-assignment")
    page.get_by_role("button", name="提交经办意见").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="审核", exact=True)).to_be_visible()
    expect(page.get_by_text("经办人不得审核自己的决定")).to_be_visible()
    take_seat(page, name, "李四")
    page.get_by_role("button", name="审核通过").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="审核", exact=True)).to_have_count(0)
    found = console.get(f"/v1/departments/{code}/assignments/{assignment}")
    assert (found["state"], found["decision"]["reviewed_by"]) == ("approved", "李四")


def test_many_are_answered_at_once_and_each_has_its_outcome(page: Page, console: CityHub) -> None:
    console.verify()
    console.verify()
    name = department_name(console, console.asked[1][1])
    take_seat(page, name, "张三")
    page.goto("/departments/inbox")
    page.get_by_role("button", name="批量答复核查").click()
    expect(page.get_by_text("没有勾选待经办的核查")).to_be_visible()
    page.locator(".fault-notice").get_by_role("button", name="关闭").click()
    page.get_by_role("checkbox", name="选择本页全部").click()
    expect(page.get_by_role("checkbox", name="选择本页全部")).to_be_checked()
    page.get_by_role("button", name="批量答复核查").click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    outcomes = page.get_by_role("dialog").last
    expect(outcomes.get_by_text("成功").first).to_be_visible()
    expect(outcomes.get_by_text("现为：待审核").first).to_be_visible()
    picture(page, "department-bulk")
    outcomes.get_by_role("button", name="关闭").click()
    expect(page.get_by_role("row").filter(has_text="待审核").first).to_be_visible()


def test_a_departments_pages_speak_english_too(page: Page) -> None:
    take_seat(page, OFFICE_NAME, "张三")
    titles = {"inbox": "Inbox", "publishing": "Publishing", "refusals": "Refused records", "demands": "Demands"}
    for path, title in titles.items():
        page.goto(f"/language/en?back=/departments/{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.get_by_role("main")).to_contain_text("Who acts: 张三")
        expect(page.locator(".state.refusal")).to_have_count(0)


def department_name(hub: CityHub, code: str) -> str:
    return str(hub.get(f"/v1/catalog/organisation/{code}")["state"]["name"])


def assignment_of(hub: CityHub, case_id: str) -> tuple[str, str]:
    """The department and id of an open assignment of a case."""

    def look() -> tuple[str, str] | None:
        given = hub.get(f"/v1/applications/{case_id}")["assignments"]
        found = [each for each in given if each["state"] == "open" and each["kind"] == "item"]
        return (found[0]["department"]["code"], found[0]["assignment_id"]) if found else None

    code, assignment = awaited(look, "an item of the case is open")
    return str(code), str(assignment)


def test_publishing_is_told_per_resource(page: Page, console: CityHub) -> None:
    take_seat(page, OFFICE_NAME, "张三")
    path = f"/v1/live/sources/{OFFICE}"
    awaited(lambda: any(each["complete_until"] for each in console.get(path)["coverage"]), "coverage is known live")
    page.goto("/departments/publishing")
    row = page.get_by_role("row").filter(has_text="market-regulation.business-licence")
    expect(row).to_contain_text("营业执照信息")
    expect(row).to_contain_text("周期 1 天")
    expect(page.get_by_text("近 24 小时入库（条）")).to_be_visible()
    picture(page, "department-publishing")


def test_a_demand_is_answered_by_two_persons_under_the_clock(page: Page, console: CityHub) -> None:
    demand = asked_for(console, "D-journey")
    take_seat(page, "市城管执法局", "张三")
    page.goto("/departments/demands")
    row = page.get_by_role("row").filter(has_text=demand)
    expect(row).to_contain_text("个工作日")
    row.get_by_role("link", name=demand).click()
    expect(page.get_by_role("heading", name="法定期限")).to_be_visible()
    page.get_by_role("button", name="受理").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已受理，待决定")).to_be_visible()
    page.get_by_role("button", name="提出答复意见").click()
    dialog.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已决定，待审核")).to_be_visible()
    picture(page, "department-demand")
    page.get_by_role("button", name="审核同意").click()
    expect(page.locator(".fault-notice")).to_contain_text("张三")
    take_seat(page, "市城管执法局", "李四")
    page.get_by_role("button", name="审核同意").click()
    expect(page.get_by_text("已授权，待提供")).to_be_visible()
    page.get_by_role("button", name="登记提供").click()
    dialog.get_by_label("接口地址").fill("https://data.example/penalties")
    dialog.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已提供", exact=True)).to_be_visible()
    state = console.get(f"/v1/demands/{demand}")["state"]
    assert (state["state"], state["decision"]["reviewed_by"]) == ("delivered", "李四")


def test_an_incomplete_demand_is_asked_once_and_completed(page: Page, console: CityHub) -> None:
    demand = asked_for(console, "D-incomplete", scenario="", purpose="")
    take_seat(page, "市财政局", "王五")
    page.goto(f"/departments/demands/{demand}")
    expect(page.get_by_text("待补正", exact=True)).to_be_visible()
    page.get_by_role("button", name="补正").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("场景").fill("核对供应商资格")
    dialog.get_by_label("用途").fill("政府采购资格审查")
    dialog.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已申请，待受理")).to_be_visible()
    page.goto("/departments/demands?role=requester")
    expect(page.get_by_role("row").filter(has_text=demand)).to_contain_text("市城管执法局")


@pytest.mark.parametrize("path", ["inbox", "publishing", "refusals", "demands"])
def test_every_list_fits_a_phone(phone: Page, path: str) -> None:
    take_seat(phone, OFFICE_NAME, "张三")
    phone.goto(f"/departments/{path}")
    expect(phone.get_by_role("main").get_by_text("当前部门")).to_be_visible()
    phone.wait_for_load_state("networkidle")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def asked_for(hub: CityHub, demand: str, **changes: str) -> str:
    """A demand of finance for penalties of the urban management; its id."""
    application = {
        "requester": "finance",
        "provider": "urban-management",
        "scope": [{"resource": "urban-management.administrative-penalty", "fields": ["decision_number", "cause"]}],
        "basis": ["政府采购法第二十二条"],
        "scenario": "核对供应商资格",
        "purpose": "政府采购资格审查",
        "means": ["interface"],
        "until": 1_900_000_000_000_000,
        "readers": [],
        "subjects": {"kind": "enterprise"},
    }
    answer = hub.post(f"/v1/demands/{demand}/applied", {"actor": "王五", "payload": {**application, **changes}})
    answer.raise_for_status()
    return demand

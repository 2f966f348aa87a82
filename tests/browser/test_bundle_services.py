"""Bundle services at the console: ask for a verification, apply, watch a case, read an archive, check a report."""

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Watch
from tests.browser.city_hub import CityHub, awaited
from tests.browser.pictures import picture
from tests.browser.seat import take_seat

pytestmark = pytest.mark.browser

LEAD = "市工信局"
OFFICE = "market-regulation"
PAGES = ("/", "/bundles", "/bundles/restaurant-opening", "/bundles/restaurant-opening/apply", "/cases", "/archives")
PAGES_TOO = ("/verifications/new", "/public/report", "/nowhere")
FILLED = {
    "餐饮店名称（门头字号）": "回坊一品",
    "经营场所地址": "西安市未央区凤城八路99号",
    "经营场所建筑面积（平方米）": "120",
    "食品安全管理人员": "秦望舒",
    "从业人员数": "8",
    "联系人": "秦望舒",
    "联系电话": "13800000000",
}
SUPPLIED = ("“一件事”申请书", "经营场所使用证明", "经营场所平面布局和操作流程图", "食品安全规章制度")


def choose(page: Page, name: str, option: str) -> None:
    page.get_by_role("combobox", name=name).click()
    page.get_by_role("option", name=option, exact=True).click()
    expect(page.get_by_role("option")).to_have_count(0)


def reported(hub: CityHub, case_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = hub.get(f"/v1/verifications/{case_id}", wait_s=20)
        return found if found["report"] else None

    found: dict[str, Any] = awaited(look, "the report is there")
    return found


@pytest.fixture(scope="module")
def verified(console: CityHub) -> dict[str, Any]:
    """A verification whose departments all answered, with its report."""
    case_id = console.verify()
    for code in console.asked[1]:
        for task in awaited(lambda code=code: tasks(console, code, case_id), f"{code} is asked"):
            answer_task(console, code, task["task_id"])
    return reported(console, case_id)


def tasks(hub: CityHub, code: str, case_id: str) -> list[dict[str, Any]]:
    found = hub.get(f"/v1/departments/{code}/tasks", status="open")["tasks"]
    return [each for each in found if each["case_id"] == case_id]


def answer_task(hub: CityHub, code: str, task_id: str) -> None:
    path = f"/v1/departments/{code}/tasks/{task_id}"
    told = hub.post(f"{path}/answer", {"answer": "clear", "handled_by": "张三", "note": "已核"})
    told.raise_for_status()
    if told.json()["status"] == "handled":
        hub.post(f"{path}/review", {"approved": True, "reviewed_by": "李四"}).raise_for_status()


def test_a_verification_fills_in_while_one_watches(page: Page, console: CityHub) -> None:
    subject = console.asked[0].partition(":")[2]
    page.goto("/verifications/new")
    page.get_by_label("被核查主体").fill(subject)
    page.get_by_label("用途").fill("企业上市")
    page.get_by_role("button", name="提交核查申请").click()
    page.wait_for_url(re.compile(r"/verifications/(?!new)"))
    case_id = page.url.rpartition("/")[2]
    lanes = page.locator(".lane")
    expect(lanes).to_have_count(17)
    expect(page.get_by_text("实时更新中")).to_be_visible()
    code = console.asked[1][0]
    asked = awaited(lambda: tasks(console, code, case_id), f"{code} is asked")
    waiting = lanes.filter(has_text="部门核查中")
    before = waiting.count()
    assert before >= 1
    picture(page, "verification-running")
    page.evaluate("window.untouched = true")
    for task in asked:
        answer_task(console, code, task["task_id"])
    expect(waiting).to_have_count(before - len(asked))
    assert page.evaluate("window.untouched") is True, "the page was loaded anew"


def test_a_report_is_checked_by_its_code_and_by_its_file(page: Page, verified: dict[str, Any], tmp_path: Path) -> None:
    page.goto(f"/verifications/{verified['case_id']}")
    expect(page.get_by_role("heading", name="核查报告", exact=False).first).to_be_visible()
    expect(page.get_by_role("img", name="扫码验证本报告")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载报告（数据）").click()
    report = json.loads(Path(taken.value.path()).read_text(encoding="utf-8"))
    page.get_by_role("link", name="验证这份报告").click()
    expect(page.get_by_text("现行有效")).to_be_visible()
    told = page.get_by_role("main").inner_text()
    assert verified["subjects"][0].partition(":")[2] not in told
    assert verified["requested_by"] not in told
    picture(page, "public-report")
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps({**report, "purpose": "贷款"}), encoding="utf-8")
    page.get_by_text("没有验证码？").click()
    page.get_by_label("报告数据文件").set_input_files(forged)
    expect(page.get_by_text("内容被改动")).to_be_visible()
    page.get_by_label("验证码").fill("0" * 16)
    page.get_by_role("button", name="验证", exact=True).click()
    expect(page.get_by_text("查无此报告")).to_be_visible()


def test_one_applies_and_sees_the_case_move(page: Page, console: CityHub) -> None:
    subject = opening_subject(console)
    page.goto("/bundles/restaurant-opening")
    page.get_by_role("link", name="我要办理").click()
    page.get_by_role("textbox", name="统一社会信用代码").fill(subject)
    page.get_by_text("不设置", exact=True).click()
    page.get_by_text("不属于，例如").click()
    page.get_by_role("button", name="查看一次告知").click()
    expect(page.get_by_role("heading", name="三、一表申报")).to_be_visible()
    picture(page, "apply")
    page.get_by_role("button", name="预审").click()
    expect(page.get_by_text(re.compile("还有 .* 处需要补全"))).to_be_visible()
    for name, value in FILLED.items():
        page.get_by_role("textbox", name=name).fill(value)
    choose(page, "主体业态", "餐饮服务经营者")
    choose(page, "经营项目", "热食类食品制售")
    for material in SUPPLIED:
        choose(page, material, "已上传")
    choose(page, "从业人员健康证明", "容缺，后补")
    choose(page, "领取方式", "电子证照")
    page.get_by_role("button", name="提交申请").click()
    page.wait_for_url("**/applications/*")
    case_id = page.url.rpartition("/")[2]
    lane = page.locator(".lane").filter(has_text="食品经营许可")
    expect(lane).to_contain_text("待经办")
    picture(page, "application")
    decide(console, case_id)
    expect(lane).to_contain_text("通过")
    expect(page.get_by_text("已送达").first).to_be_visible()
    choose(page, "评价", "★★★★☆")
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("整改答复")).to_be_visible()


def opening_subject(hub: CityHub) -> str:
    """An enterprise that no condition and no running case keeps from opening a restaurant."""
    for subject in hub.enterprises:
        code = subject.partition(":")[2]
        body = {"subject": code, "choices": {"signboard": "no", "gathering": "no"}}
        answer = hub.post("/v1/bundles/restaurant-opening/precheck", body)
        codes = {fault["code"] for fault in answer.json().get("faults", [{"code": "refused"}])}
        if answer.is_success and codes <= {"field-missing", "material-missing"}:
            return code
    raise AssertionError("no enterprise may open a restaurant")


def decide(hub: CityHub, case_id: str) -> None:
    """Its department approves, another person reviews."""

    def given() -> str | None:
        view = hub.get(f"/v1/applications/{case_id}")
        mine = (each for each in view["assignments"] if each["kind"] == "item" and each["state"] == "open")
        return next((str(each["assignment_id"]) for each in mine), None)

    path = f"/v1/departments/{OFFICE}/assignments/{awaited(given, 'the item is given to its department')}"
    decision = {"decision": "approve", "handled_by": "张三", "issue": True}
    hub.post(f"{path}/decision", decision).raise_for_status()
    hub.post(f"{path}/review", {"approved": True, "reviewed_by": "李四"}).raise_for_status()


def test_an_archive_is_read_in_ones_name_and_shows_where_it_comes_from(page: Page, verified: dict[str, Any]) -> None:
    subject = verified["subjects"][0].partition(":")[2]
    page.goto(f"/archives/enterprise/{subject}?purpose=企业上市&case={verified['case_id']}")
    expect(page.get_by_text("请先填写经办人")).to_be_visible()
    take_seat(page, LEAD, "张三")
    page.goto(f"/archives/enterprise/{subject}?purpose=企业上市&case={verified['case_id']}")
    first = page.locator(".timeline > li").first
    expect(first.get_by_text(re.compile(r"来历：\S+ / \d+ / \d+"))).to_be_visible()
    first.locator("summary").click()
    expect(first.get_by_text("入库时间")).to_be_visible()
    picture(page, "archive")
    page.get_by_label("截至").fill("2020-01-01T00:00")
    page.get_by_role("button", name="查档", exact=True).click()
    expect(page.get_by_text("查无此主体")).to_be_visible()


def test_a_disputed_record_bears_its_mark(page: Page, console: CityHub) -> None:
    counted = console.city.account.subjects
    subject = next(name for name in console.enterprises if counted[name].disputed)
    case_id = console.verify(subject)
    take_seat(page, LEAD, "张三")
    page.goto(f"/archives/{subject.replace(':', '/')}?purpose=企业上市&case={case_id}")
    expect(page.get_by_text(re.compile(r"\d+ 条存在争议"))).to_be_visible()


def test_a_read_without_right_is_refused_and_says_so(page: Page, console: CityHub, verified: dict[str, Any]) -> None:
    other = next(each for each in console.enterprises if each != verified["subjects"][0]).partition(":")[2]
    take_seat(page, LEAD, "张三")
    page.goto(f"/archives/enterprise/{other}?purpose=企业上市&case={verified['case_id']}")
    expect(page.get_by_role("alert")).to_contain_text("读取被拒绝")
    expect(page.get_by_role("alert").get_by_role("button", name="重试")).to_be_visible()


def test_cases_are_found_and_paged(page: Page, console: CityHub, verified: dict[str, Any]) -> None:
    subject = verified["subjects"][0].partition(":")[2]
    page.goto("/cases")
    page.get_by_label("申请人（统一社会信用代码）").fill(subject)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("link", name=verified["case_id"])).to_be_visible()
    choose(page, "状态", "已撤回")
    expect(page.locator(".state-title")).to_have_text("没有符合条件的办件")
    page.get_by_label("申请人（统一社会信用代码）").fill("不是代码")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert httpx2.get(f"{console.url}/health/ready", trust_env=False).status_code == 200


def test_who_turns_pages_by_keyboard_keeps_the_place(page: Page, console: CityHub) -> None:
    """A table drawn anew with every page took the button that was pressed away, and the focus with it."""
    for subject in console.enterprises[:24]:
        console.verify(subject)
    page.goto("/cases?bundle=listing-compliance")
    forth = page.get_by_role("button", name="下一页")
    awaited(lambda: page.get_by_role("row").count() > 20, "a page is full")
    forth.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("第 2 /"))).to_have_count(2)  # one to be seen, one to be heard
    expect(forth).to_be_focused()
    page.get_by_role("button", name="上一页").press("Enter")
    expect(page.get_by_text(re.compile("第 1 /"))).to_have_count(2)
    expect(page.get_by_role("button", name="上一页")).to_be_focused()


@pytest.mark.parametrize("path", [*PAGES, *PAGES_TOO])
def test_pages_stand_on_a_phone_and_for_who_cannot_see_them(phone: Page, watch: Watch, path: str) -> None:
    watch.allowed.append("404")
    phone.goto(path)
    expect(phone.get_by_role("heading", level=1)).to_have_count(1)
    expect(phone.get_by_role("main")).to_have_count(1)
    expect(phone.locator(".state.loading")).to_have_count(0)
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "the page is wider than the phone"
    assert phone.evaluate("document.documentElement.lang") == "zh-CN"
    assert phone.evaluate(NAMELESS) == [], "controls without a name"
    assert phone.evaluate(HEADINGS) == [], "headings that skip a level"


NAMELESS = """() => [...document.querySelectorAll('button, a, input:not([type=hidden]), select, textarea')]
    .filter(e => e.offsetParent !== null)
    .filter(e => !(e.ariaLabel || e.innerText?.trim() || e.title || e.labels?.length
        || e.getAttribute('aria-labelledby') || e.closest('label')?.innerText.trim()))
    .map(e => e.outerHTML.slice(0, 120))"""
HEADINGS = """() => {
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(e => +e.tagName[1]);
    return levels.filter((level, at) => at && level > levels[at - 1] + 1);
}"""


def test_all_of_it_goes_by_keyboard(page: Page) -> None:
    page.goto("/cases")
    expect(page.get_by_role("table")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    expect(page.get_by_label("申请人（统一社会信用代码）")).to_be_focused()


def test_the_menu_of_a_phone_opens_and_says_so(phone: Page) -> None:
    phone.goto("/")
    menu = phone.get_by_role("button", name="菜单")
    expect(menu).to_have_attribute("aria-expanded", "false")
    menu.click()
    expect(menu).to_have_attribute("aria-expanded", "true")
    phone.get_by_role("navigation", name="主导航").get_by_role("link", name="办件查询").click()
    expect(phone.get_by_role("heading", name="办件查询")).to_be_visible()
    picture(phone, "cases-phone")


def test_pages_speak_english_when_asked(page: Page) -> None:
    page.goto("/cases?state=open")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Cases")).to_be_visible()
    assert page.url.endswith("/cases?state=open")
    assert page.evaluate("document.documentElement.lang") == "en-US"
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", name="办件查询")).to_be_visible()


def test_a_case_that_is_not_there_is_told_so(page: Page) -> None:
    page.goto("/applications/NOPE")
    expect(page.get_by_text("没有这个办件")).to_be_visible()
    page.get_by_role("link", name="回到首页").click()
    expect(page.get_by_role("heading", name="首页")).to_be_visible()

"""Taking a seat: who acts at this browser, for which department."""

from playwright.sync_api import Page, expect


def take_seat(page: Page, department: str, person: str) -> None:
    """Say in the page's header who acts; the page is drawn anew with it."""
    if page.url == "about:blank":
        page.goto("/departments/refusals")
    page.get_by_role("banner").get_by_role("button", name="经办人").or_(
        page.get_by_role("banner").locator("button[title=经办人]")
    ).first.click()
    dialog = page.get_by_role("dialog")
    field = dialog.get_by_label("部门")
    field.fill(department)
    page.get_by_role("option", name=department, exact=True).click()
    dialog.get_by_label("姓名").fill(person)
    with page.expect_navigation():
        dialog.get_by_role("button", name="保存").click()
    expect(page.get_by_role("banner")).to_contain_text(person)

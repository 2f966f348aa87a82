"""The page on scope leaves out no task, goal or reform of the two plans."""

import re
from pathlib import Path

import pytest

from catalog.bundles import load_bundles

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scope.md").read_text(encoding="utf-8")
TASKS = """推进线下办事“只进一门”
推动线上办事“一网通办”
加强基层便民“多点服务”
创新“远程虚拟窗口”服务模式
推进关联事项集成办
推进容缺事项承诺办
推进异地事项跨域办
推进政策服务免申办
优化企业和个人专属空间
增强线上线下帮办代办能力
丰富公共服务供给
拓展增值服务内容
充分发挥政务服务平台支撑作用
加强数据归集共享复用
持续加强新技术全流程应用
完善政务服务地图应用
打造“i 西安”城市服务品牌
推动平台能力聚合
强化安全运营运维
推进政务服务标准化建设
强化政务服务制度供给
健全政务服务工作体系
推进企业和群众诉求“一线应答”
建立健全办事堵点发现解决机制
健全高频服务动态管理机制
健全经验推广和服务宣传机制
强化市级统筹
扎实推进落实
积极先行先试""".splitlines()
GOALS = ("一次告知", "一表申报", "一口受理", "一网审批", "一窗发证", "一体管理")


@pytest.mark.parametrize(("number", "title"), list(enumerate(TASKS, start=1)))
def test_every_task_has_its_row(number: int, title: str) -> None:
    (row,) = re.findall(rf"^\| {number}\. {re.escape(title)} \|(.*)\|$", PAGE, re.MULTILINE)
    does, holds, people = (cell.strip() for cell in row.split("|"))
    assert people, "what is left to people is said"
    assert (does, holds, people) != ("–", "–", "–")


@pytest.mark.parametrize("goal", GOALS)
def test_every_goal_has_its_row(goal: str) -> None:
    assert f"| {goal} |" in PAGE


def test_every_reform_of_the_district_is_named() -> None:
    district = [bundle.name for bundle in load_bundles().values() if bundle.source == "weiyang-2021-1"]
    assert len(district) == 10
    assert [name for name in district if name not in PAGE] == []

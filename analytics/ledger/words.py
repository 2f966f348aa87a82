"""What an entry's history says, in Chinese."""

from typing import Final

ACTION_NAMES: Final = {
    "declared": "列入台账",
    "entered": "自行列入台账",
    "progress-reported": "填报进展",
    "milestone-planned": "增列目标",
    "goals-planned": "分解目标",
    "problem-raised": "提出问题",
    "problem-resolved": "解决问题",
    "meeting-held": "召开会议",
    "measured": "测算销号标准",
    "closing-requested": "申请销号",
    "closing-reviewed": "审核同意",
    "closing-returned": "退回销号申请",
    "closed": "销号",
    "reopened": "重新打开",
    "formed": "组建工作组",
    "member-joined": "组员加入",
    "member-left": "组员退出",
    "plan-adopted": "制定工作方案",
    "ended": "工作组结束",
}
"""Action → what was done."""

HOW_PLANNED_NAMES: Final = {
    "goals": "按分期目标",
    "linear": "未定分期目标，按时间进度推算",
    "cycles": "按期重复",
    "none": "未定期限",
}

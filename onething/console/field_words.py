"""What places of a record are called: the record's own by the hub, those of its content by the register."""

from collections.abc import Mapping
from typing import Final

from onething.console.catalog_names import resources
from onething.console.language import Words, t

Names = Mapping[str, str]
"""Field of a resource's content → its name."""

_FIELDS: Final[Mapping[str, Words]] = {
    "valid_at": Words("发生时间", "when it happened"),
    "version": Words("版本", "version"),
    "record_id": Words("记录编号", "record id"),
    "subject.kind": Words("主体类别", "kind of subject"),
    "subject.id": Words("主体代码", "subject's code"),
    "resource": Words("数据资源", "resource"),
    "type": Words("事件类型", "event type"),
    "subject": Words("主体", "subject"),
    "source": Words("数源部门", "source"),
    "content": Words("内容", "content"),
}
_CONTENT: Final = "content."


async def field_names(resource: str | None) -> Names:
    """The names of a resource's fields, none where it is not known."""
    known = (await resources()).get(resource or "")
    return {} if known is None else known.fields


def label_of(path: str, names: Names) -> str:
    """A place as people read it, with its path for who looks it up: 行政区划（content.territory）."""
    if not path:
        return t("整条记录", "the whole record")
    field = path.removeprefix(_CONTENT)
    if path != field and names.get(field):
        return f"{names[field]}（{path}）"
    return f"{_FIELDS[path]}（{path}）" if path in _FIELDS else path

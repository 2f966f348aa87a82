"""A Chinese font for the PDF: found among those given and those of the machine, or told what to do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

PREFERRED: Final = (
    "FangSong",
    "STFangsong",
    "仿宋_GB2312",
    "Source Han Serif SC",
    "Noto Serif CJK SC",
    "Songti SC",
    "SimSun",
    "Source Han Sans SC",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "AR PL UMing CN",
    "Droid Sans Fallback",
)
"""Families that hold the characters of GB 18030's first level, in the order in which they are taken."""


class NoChineseFont(Exception):  # noqa: N818  named for the fact
    """No font of the machine can write Chinese; ``remedy`` says what to do."""

    remedy: Final = (
        "安装一种中文字体（Debian：apt-get install fonts-wqy-microhei），"
        "或用 ONETHING_ANALYST__FONTS 指定存放字体的文件夹"
        " / install a Chinese font, or name a folder that holds one by ONETHING_ANALYST__FONTS"
    )

    def __init__(self, folder: Path | None) -> None:
        where = "" if folder is None else f"，文件夹 {folder} 中也没有"
        super().__init__(f"没有可用的中文字体{where} / there is no Chinese font, so no PDF can be written")


def chinese_fonts(folder: Path | None, *, of_machine: bool = True) -> tuple[Any, str]:
    """Return the fonts, as the typesetter takes them, and the family that Chinese is set in.

    Args:
        folder: a folder with fonts of an office's own, searched first.
        of_machine: whether the machine's own fonts may be taken.

    Raises:
        NoChineseFont: there is none.
    """
    import typst  # noqa: PLC0415  heavy import, for those who typeset

    own = [] if folder is None else [str(folder)]
    if own:
        alone = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=own)
        if found := _chosen(alone.families()):
            return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=own), found
    fonts = typst.Fonts(include_system_fonts=of_machine, include_embedded_fonts=True, font_paths=own)
    found = _chosen(fonts.families())
    if found is None:
        raise NoChineseFont(folder)
    return fonts, found


def _chosen(families: Sequence[str]) -> str | None:
    known = set(families)
    return next((each for each in PREFERRED if each in known), None)

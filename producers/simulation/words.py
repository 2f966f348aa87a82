"""Words that made-up names, addresses and scopes are built from."""

from typing import Final

DISTRICTS: Final[dict[str, str]] = {
    "610102": "新城区",
    "610103": "碑林区",
    "610104": "莲湖区",
    "610111": "灞桥区",
    "610112": "未央区",
    "610113": "雁塔区",
    "610114": "阎良区",
    "610115": "临潼区",
    "610116": "长安区",
    "610117": "高陵区",
    "610118": "鄠邑区",
    "610122": "蓝田县",
    "610124": "周至县",
}
"""The districts and counties of Xi'an by region code (GB/T 2260)."""

DISTRICT_WEIGHTS: Final = (7, 9, 9, 8, 14, 16, 4, 6, 10, 5, 5, 4, 3)

ELSEWHERE: Final = ("610300", "610400", "610500", "610700", "410300", "500100")
"""Regions outside Xi'an where an enterprise of the city may be dealt with."""

STREETS: Final = (
    "凤城一路", "凤城五路", "未央路", "太华北路", "文景路", "朱宏路", "长安南路", "雁塔西路", "科技路", "高新路",
    "丈八东路",
    "锦业路", "南二环", "北关正街", "解放路", "东大街", "西大街", "含光路", "友谊西路", "咸宁路", "纺北路", "华清路",
    "航天大道", "神舟四路", "鹿苑大道", "人民路", "沣惠南路", "唐延路", "曲江大道", "芙蓉东路",
)  # fmt: skip

TRADE_NAMES_FIRST: Final = "华秦长天汉唐宏盛泰鑫恒瑞嘉锦祥博启远融佳正兴德"
TRADE_NAMES_SECOND: Final = "安达通源丰辰科宇康顺和诚益海川锐坤霖昌拓睿越朗"

SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN_MALE: Final = "伟强磊军勇杰涛明超刚平辉鹏飞波斌宇浩凯建华俊峰志文"
GIVEN_FEMALE: Final = "芳娜敏静丽艳娟霞秀燕玲桂英梅红慧莹雪琳洁婷蓉颖欣"

INDUSTRIES: Final[dict[str, tuple[int, str, str]]] = {
    "trade": (24, "商贸", "日用百货、五金交电、办公用品的批发与零售"),
    "catering": (14, "餐饮管理", "餐饮服务；食品销售"),
    "construction": (9, "建筑工程", "房屋建筑工程、市政工程的施工"),
    "transport": (7, "运输", "道路普通货物运输；仓储服务"),
    "manufacturing": (11, "机械制造", "机械设备、零部件的生产与销售"),
    "chemicals": (3, "化工", "化工产品的生产与销售（依法须经批准的项目除外）"),
    "technology": (13, "信息科技", "软件开发；信息系统集成服务；技术咨询"),
    "medical": (4, "医药", "药品零售；医疗器械销售"),
    "culture": (5, "文化旅游", "旅游信息咨询；文化活动策划；娱乐服务"),
    "estate": (4, "置业", "房地产开发与经营；物业管理"),
    "services": (4, "企业服务", "人力资源服务；劳务派遣；企业管理咨询"),
    "finance": (1, "融资担保", "融资担保业务；投资咨询"),
    "agriculture": (1, "农业", "农作物种植；农产品销售"),
}
"""Industry → weight, the word in a name, the scope of business."""

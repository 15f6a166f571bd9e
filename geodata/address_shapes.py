"""Tell which Chinese characters look alike, as typists and readers of print confuse them."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

_GROUPS = """
土士 未末 己已巳 人入八 日曰目 大太犬天夫 田由甲申电 王玉主壬 千干于丁 力刀刁 午牛 木本术
贝见 鸟乌岛 兔免 戊戌戍 冶治沿 沿铅船 拆折析 拔拨 扳板 坑抗炕吭 坊防妨 塘糖搪 搭塔 岗冈岚
岭领岑 村材衬 社杜 屋层屈居 黄横寅 井并开 美羊姜羡 门们闪 楼搂数 新斩析薪 彭膨澎鼓 寮僚察
头买实 长张 安案宴女 初衩切 凤风夙 角甬用 骏峻俊竣 草莫旱 麻床磨 兴光共关 业亚并 华毕化
民氏 达太迈 发友拨 宁宇 康唐庸 乐东 东车冻陈 园圆固困 景影 阳阴 辉挥晖 丰半羊 盛盔 昌晶冒
平乎 和知私 泰奏秦 升开 源原 通桶痛 顺须 利刊 福副幅 荣宋 茂戊 明朋 江汪 振震 文又交 富宫
宏宠 恒桓 永水泳 金全 银很根 龙尤友 松枚 朝潮嘲 育盲肓 信倍 诚城试 嘉喜 丽雨 祥详样 瑞端
中申 裕浴欲 路略 街衔 巷港 号导 栋拣冻 翠萃 花化 苑范 庭廷 豪毫 名各 家冢 学字 府俯 湖糊
湾弯 域城 锦绵 绣锈 荆刑 珠株 工土 围困 店占 厂广 市巾 场扬肠 酒洒 百白 货贷 小少 诊珍
校较 座坐 幢憧 科料 迎迅 宾兵 创枪 区匹 道首 旭旮 荔茘 朗郎 雅稚 凯铠 旋族 悦说 珑胧 御卸
"""


def _codes(one: NDArray[np.integer[Any]], other: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    codes: NDArray[np.int64] = one.astype(np.int64) << 32 | other.astype(np.int64)
    return codes


_PAIRS = np.array(
    [[*map(ord, pair)] for group in _GROUPS.split() for pair in permutations(group, 2)]
)
_ALIKE = np.unique(_codes(_PAIRS[:, 0], _PAIRS[:, 1]))


def look_alike(one: NDArray[np.integer[Any]], other: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Compare two arrays of code points, character by character."""
    codes = _codes(one, other)
    at = np.minimum(np.searchsorted(_ALIKE, codes), len(_ALIKE) - 1)
    alike: NDArray[np.bool_] = _ALIKE[at] == codes
    return alike

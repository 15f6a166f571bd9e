"""Bring the many ways to write one Chinese address into one way.

Both the names of the gazetteer and the words of a ticket pass through `normal`, so that
full-width digits, traditional characters and numerals of either kind compare equal.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_TRADITIONAL = str.maketrans(
    "號樓棟東興園廣場莊鎮區門對邊鄉塘黃羅鳳陽龍華寶豐馬馮陳葉劉張趙吳鄭關閣廟橋溝灣島嶺崗壩"
    "麗業廠學醫藥館飯電網訊銀銅鐵錢錦綠紅藍長壽萬億雙歡樂達運進遠還連鄰輝輪軍車貿貴賢貨質財"
    "順頭頂領題風飛養餘馳騰驛魚鮮鳥鴻麥黨齊聯聖聲職腳臺舊蘇藝蘭處術衛裝視覺記設許證評話誠"
    "語說請論講謝識護變讓總線經結給統絲維縣組細終紀約級納純紙紡幫幾幹後從復徑徵愛態慶應懷戰"
    "戶據擊擔擺敗數斷舉時書會條來極構樣樹檢權歲歷歸殺殼氣漢湯滅滿潔潤澤濟濱災烏無煙熱燈營爐"
    "爾牆獎現環產畫異療發盤礦碼確禮種稱積穩窩筆節範築簡糧紅義習聞膠興蓋莊節薦蟲補襯觀規親"
    "貝貸費資賓賣購賽車軟輕載農遊過適選遺郵釀針鈴鋪鋼錄鎖鍋鏡鐘閉開閒間陰陸陽隊階際隨雜難雲"
    "靈靜韓響頁項須預頻顏願類顧飲飾館駐騎驗體鬧鬥鮑麵點齒",
    "号楼栋东兴园广场庄镇区门对边乡塘黄罗凤阳龙华宝丰马冯陈叶刘张赵吴郑关阁庙桥沟湾岛岭岗坝"
    "丽业厂学医药馆饭电网讯银铜铁钱锦绿红蓝长寿万亿双欢乐达运进远还连邻辉轮军车贸贵贤货质财"
    "顺头顶领题风飞养余驰腾驿鱼鲜鸟鸿麦党齐联圣声职脚台旧苏艺兰处术卫装视觉记设许证评话诚"
    "语说请论讲谢识护变让总线经结给统丝维县组细终纪约级纳纯纸纺帮几干后从复径征爱态庆应怀战"
    "户据击担摆败数断举时书会条来极构样树检权岁历归杀壳气汉汤灭满洁润泽济滨灾乌无烟热灯营炉"
    "尔墙奖现环产画异疗发盘矿码确礼种称积稳窝笔节范筑简粮红义习闻胶兴盖庄节荐虫补衬观规亲"
    "贝贷费资宾卖购赛车软轻载农游过适选遗邮酿针铃铺钢录锁锅镜钟闭开闲间阴陆阳队阶际随杂难云"
    "灵静韩响页项须预频颜愿类顾饮饰馆驻骑验体闹斗鲍面点齿",
)
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
NUMERAL = "零〇一二两三四五六七八九十百"
_PHONE = re.compile(r"(?<!\d)(?:\+?86-?)?(?:1\d{10}|0\d{2,3}-?\d{7,8}|[2-8]\d{6,7})(?!\d)")
_NUMERAL_BEFORE_UNIT = re.compile(rf"[{NUMERAL}]+(?=[号栋幢座楼单层弄室#之-])")
_NUMERAL_AFTER_DOOR = re.compile(rf"(?<=[之-])[{NUMERAL}]+")
_DIGITS_BEFORE_WAY = re.compile(r"\d{1,2}(?=[路街巷横队组期区村坊])")
_SUB_DOOR = re.compile(r"(\d+)号?[之-](\d+)号?")
_SIGNS = re.compile(r"[^\w#-]+|_")
_BLANK_IN_WORDS = re.compile(r"(?<!\d) | (?!\d)")
_DOOR = re.compile(
    rf"(?:的|门牌|第)?(\d{{1,4}}|[{NUMERAL}]+(?=[浩好毫豪耗郝导]|$))(?:-(\d{{1,3}}))?(号[栋楼]?|#楼?|[栋幢座楼])?"
)
_BLOCK = re.compile(
    r"[第的]?(?:(\d{1,3}|[A-Z])(?:号楼|号栋|#楼|[栋幢座#号楼]))|([A-Z]\d{0,2})(?!\w)"
)
_NOT_A_DOOR = re.compile(r"[米个年月日点时分多人条辆元岁楼层带些边家路街巷道组队期区线公]")
_RELATION = re.compile(
    "斜对面|正对面|对面|隔壁|旁边|旁|附近|门口|门前|楼下|楼上|后面|背后|前面|周边|一带|那边|路口|侧"
)


class Number(NamedTuple):
    """Hold a door or block number as written after a name."""

    number: int
    sub: int
    unit: str
    """``号``, a block's word such as ``栋`` or ``号楼``, or '' when none is written."""
    end: int
    """Where the text goes on."""


def normal(text: str) -> str:
    """Write a name or a ticket's words in the one form that is compared.

    Phone numbers and punctuation go; widths, traditional characters, ``之1``/``-1`` and
    numerals are unified: Arabic before 号, 栋, 座, 楼, Chinese before 路, 街, 巷.
    """
    text = unicodedata.normalize("NFKC", text).upper().translate(_TRADITIONAL)
    text = re.sub("[‐-―−~～]", "-", text)
    text = _SIGNS.sub(" ", _PHONE.sub(" ", text)).strip(" -")
    text = _BLANK_IN_WORDS.sub("", text)
    text = _NUMERAL_BEFORE_UNIT.sub(lambda m: str(value(m[0])), text)
    text = _NUMERAL_AFTER_DOOR.sub(lambda m: str(value(m[0])), text)
    text = _DIGITS_BEFORE_WAY.sub(lambda m: numeral(int(m[0])), text)
    return _SUB_DOOR.sub(r"\1-\2号", text)


def value(digits: str) -> int:
    """Read a number of up to three places, in Chinese or Arabic digits."""
    if digits.isascii():
        return int(digits)
    if not set(digits) & set("十百"):
        return int("".join(str(_DIGITS[c]) for c in digits))
    total, last = 0, 1
    for c in digits:
        if c in "十百":
            total, last = total + (last or 1) * (10 if c == "十" else 100), 0
        else:
            last = _DIGITS[c]
    return total + last


def numeral(number: int) -> str:
    """Write a number from 0 to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    if not tens:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def door_at(text: str, start: int) -> Number | None:
    """Read the door number that begins at a place of a normal text.

    A number that counts something else (50 米, 3 个) is none.
    """
    found = _DOOR.match(text, start)
    if not found or (not found[3] and _NOT_A_DOOR.match(text, found.end())):
        return None
    return Number(value(found[1]), int(found[2] or 0), found[3] or "", found.end())


def block_at(text: str, start: int) -> str:
    """Read the block (``3`` of 3栋, ``A`` of A座) that begins there; '' if none does."""
    found = _BLOCK.match(text, start)
    return (found[1] or found[2]).lstrip("0") if found else ""


def relation(text: str) -> str:
    """Return the first relative word of a normal text, such as ``旁边``, or ''."""
    found = _RELATION.search(text)
    return found[0] if found else ""

"""What each source might send: one row in its own form, and what must be understood of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sample:
    """A source's row and the properties that it must become."""

    row: dict[str, Any]
    expected: dict[str, Any]


SAMPLES = {
    "hotline": Sample(
        {
            "工单编号": "GD202606050017",
            "来电时间": "2026-06-05 09:12:40",
            "事项大类": "市容环境",
            "事项小类": "环境卫生",
            "紧急程度": "加急",
            "诉求标题": "垃圾无人清理",
            "诉求内容": "黄屋路路边垃圾堆了三天，没有人清理，气味很大。",
            "事发地址": "东坑镇黄屋村黄屋路2号旁边",
            "经度": "",
            "纬度": "",
            "附件": "无",
        },
        {
            "source": "12345",
            "external_id": "GD202606050017",
            "category": "302",
            "severity": 2,
            "address": "东坑镇黄屋村黄屋路2号旁边",
            "reported_at": "2026-06-05T09:12:40+08:00",
        },
    ),
    "snap": Sample(
        {
            "orderNo": "SSP-88231",
            "type": {"code": "drain", "name": "排水口堵塞"},
            "content": "雨水口都是树叶",
            "location": {
                "longitude": 113.945,
                "latitude": 22.993,
                "accuracy": 22.5,
                "address": "东坑镇华利街",
            },
            "createTime": 1780620000000,
            "images": [{"url": "p/1.jpg"}, {"url": "p/2.jpg"}],
        },
        {
            "source": "snap",
            "category": "404",
            "crs": "gcj02",
            "accuracy_m": 22.5,
            "reported_at": "2026-06-05T00:40:00+00:00",
            "photos": ["p/1.jpg", "p/2.jpg"],
        },
    ),
    "grid_worker": Sample(
        {
            "eventId": "WG-20260605-31",
            "itemCode": "103",
            "level": 2,
            "eventDesc": "首层大厅有多辆电动车充电",
            "eventAddr": "井美村和达街4号",
            "lng": 113.94,
            "lat": 22.97,
            "gpsAccuracy": 9,
            "reportTime": "2026-06-05T10:00:00+08:00",
            "photos": ["w/31.jpg"],
        },
        {"category": "103", "severity": 2, "crs": "gcj02", "accuracy_m": 9.0},
    ),
    "patrol": Sample(
        {
            "巡查任务号": "XC0605",
            "序号": "3",
            "问题类型": "树木倒伏",
            "等级": "较大",
            "问题描述": "行道树倒伏压住车辆",
            "位置描述": "骏发大道北侧",
            "坐标": "113.9352093,23.0101083",
            "发现时间": "2026-06-05 11:20",
            "照片": "x1.jpg;x2.jpg",
        },
        {
            "external_id": "XC0605-3",
            "category": "308",
            "severity": 2,
            "crs": "EPSG:4490",
            "photos": ["x1.jpg", "x2.jpg"],
        },
    ),
    "mailbox": Sample(
        {
            "letterNo": "L-2026-0912",
            "topic": "噪音",
            "title": "夜间施工扰民",
            "content": "连续三晚施工到凌晨，请处理。",
            "place": "初坑村裕辉路12号附近",
            "submitted": "2026-06-05 22:31:00",
            "attachments": [{"path": "l/912.mp3"}],
        },
        {"category": "209", "address": "初坑村裕辉路12号附近", "photos": ["l/912.mp3"]},
    ),
    "chat": Sample(
        {
            "roomId": "HW-03",
            "msgId": "778123",
            "tag": "#井盖",
            "text": "黄屋路12号门口井盖不见了，小心",
            "sentAt": 1780620000,
            "media": ["c/1.jpg"],
        },
        {
            "external_id": "HW-03-778123",
            "category": "402",
            "address": "黄屋路12号门口井盖不见了，小心",
        },
    ),
    "video_ai": Sample(
        {
            "alarmId": "9f31",
            "eventType": "street_trading",
            "eventName": "流动摊贩占道经营",
            "eventTime": "2026-06-05T17:45:10",
            "device": {
                "gbCode": "44190010901320000017",
                "longitude": 113.9547566,
                "latitude": 23.0002981,
                "installAddress": "东坑镇龙坑大道",
            },
            "snapshots": [{"uri": "v/9f31.jpg"}],
        },
        {
            "external_id": "44190010901320000017:9f31",
            "category": "301",
            "crs": "EPSG:4490",
            "reported_at": "2026-06-05T17:45:10+08:00",
            "photos": ["v/9f31.jpg"],
        },
    ),
    "sensor": Sample(
        {
            "deviceId": "WL-0042",
            "seq": 5117,
            "alarm": {"type": "road_water", "level": "orange", "text": "积水 22 厘米"},
            "site": {"address": "迎宾大道涵洞", "location": [113.9226665, 23.0064796]},
            "ts": 1780620000000,
        },
        {"external_id": "WL-0042:5117", "category": "405", "severity": 1, "accuracy_m": 2},
    ),
}

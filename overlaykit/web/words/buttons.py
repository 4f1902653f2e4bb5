"""Buttons that are pressed from outside, and the addresses for other devices."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "buttons": ("外部按钮", "Buttons"),
    "buttons_help": (
        "把一个操作变成一个网址：Stream Deck、Companion 或手机打开它，就等于按了一次。"
        "网址里有令牌，只显示一次，谁拿到谁能按；不用了就撤销。",
        "One action becomes an address: a Stream Deck, Companion or a phone that opens it has pressed. "
        "The address holds a token and is shown once; whoever has it can press. Revoke what is no longer needed.",
    ),
    "buttons_all": ("可以做成按钮的操作", "What can be a button"),
    "buttons_search": ("搜索操作或商品", "Search"),
    "buttons_search_hint": (
        "操作；或商品的链接号、标题、拼音、别名、编码",
        "An action, or an item's link, title, alias or SKU",
    ),
    "buttons_nothing": (
        "没有找到：换链接号、标题、拼音或编码试试。",
        "Nothing found: try the link number, the title, pinyin or the SKU.",
    ),
    "buttons_more": ("再显示一些（还有 {n} 个）", "Show more ({n} left)"),
    "buttons_make": ("生成网址", "Make URL"),
    "buttons_sure": ("危险操作：再按一次生成", "Dangerous: press again"),
    "buttons_dangerous": ("危险", "dangerous"),
    "buttons_made": ("按钮已生成", "The button is made"),
    "buttons_once": (
        "网址只显示这一次，现在就复制到设备里。",
        "This address is shown once: put it into the device now.",
    ),
    "buttons_warning": (
        "危险操作：按下就执行，不会再问。放在不会误触的地方。",
        "Dangerous: a press does it at once, nobody asks again. Put it where nobody presses it by accident.",
    ),
    "buttons_any_device": ("任何设备", "Any device"),
    "buttons_this_computer": ("只在这台电脑上", "On this computer alone"),
    "buttons_qr": ("二维码", "QR code"),
    "buttons_stream_deck": (
        "Stream Deck：添加「系统 → 网站」，网址粘贴进去，勾选「在后台 GET 请求」。",
        "Stream Deck: add System → Website, paste the URL, tick “GET request in background”.",
    ),
    "buttons_companion": (
        "Companion：添加连接「Generic: HTTP Requests」，按钮动作选 GET 或 POST，填同一网址。",
        "Companion: add the connection “Generic: HTTP Requests”; as the button's action choose GET or POST with the same URL.",
    ),
    "buttons_phone": (
        "手机：扫二维码就会按一次；之后在打开的页面上再按。",
        "Phone: scanning the code presses once; press again on the page that opens.",
    ),
    "buttons_local": (
        "这个网址只有本机能用。要用手机或另一台电脑按，启动时加 --lan。",
        "Only this computer reaches this address. For a phone or another computer start with --lan.",
    ),
    "buttons_existing": ("已有的按钮", "Buttons that exist"),
    "buttons_none": ("还没有按钮：选一个操作，点“生成网址”。", "None yet: choose an action, and make its URL."),
    "buttons_created": ("生成", "Made"),
    "buttons_used": ("最近按下", "Last pressed"),
    "buttons_never": ("从未", "never"),
    "buttons_revoke": ("撤销", "Revoke"),
    "buttons_revoke_sure": ("再按一次撤销", "Press again to revoke"),
    "buttons_unfit_name": (
        "按钮名称不合要求：1 到 {most} 个可见字符，前后不留空格，例如 jiangjie-3。",
        "This is no name for a button: 1 to {most} visible characters without spaces around them, such as on-air-3.",
    ),
    "buttons_taken_name": (
        "名称 {name} 已经有令牌在用：换一个名称，或先撤销它。",
        "There is a token named {name} already: choose another name, or revoke that one first.",
    ),
    "buttons_gone": ("没有这个按钮，或者它已被撤销。", "There is no such button, or it was revoked."),
    "buttons_group_on_air": ("讲解", "On air"),
    "buttons_group_screen": ("画面数字与公告", "Numbers and announcements"),
    "buttons_group_buttons": ("方案里的按钮", "Buttons of the plan"),
    "buttons_group_emergencies": ("应急预案", "Emergency plans"),
    "buttons_group_countdowns": ("倒计时", "Countdowns"),
    "buttons_group_drops": ("波次", "Drops"),
    "buttons_group_items": ("上架与下架", "Open and close items"),
    "buttons_group_rules": ("规则", "Rules"),
    "buttons_group_obs": ("OBS", "OBS"),
    "buttons_group_overlays": ("画面", "Overlays"),
    "buttons_group_connectors": ("外部连接", "Connections"),
    "buttons_group_session": ("场次", "Session"),
    "pressed_accepted": ("已执行", "Done"),
    "pressed_duplicate": ("之前已执行过", "Done before"),
    "pressed_repeated": ("已执行（连按算一次）", "Done (pressed twice, counts once)"),
    "pressed_failed": ("没有执行", "Not done"),
    "pressed_again": ("再按一次", "Press again"),
    "pressed_ready": ("按下面的按钮执行", "Press the button below"),
    "pressed_unknown": (
        "这个按钮已被撤销，或者网址不完整。请到控制台重新生成一个。",
        "This button was revoked, or the address is not whole. Make another one on the desk.",
    ),
    "pressed_wait": ("正在执行…", "Working…"),
    "pressed_lost": (
        "这个页面不知道是哪个按钮了，请重新扫码。",
        "This page no longer knows which button: scan the code again.",
    ),
    "pressed_too_many": (
        "按得太快了：没有执行，一秒后再试。",
        "Too many presses: nothing was done; try again in a second.",
    ),
    "devices": ("其他设备", "Devices"),
    "devices_help": (
        "手机、平板或另一台电脑扫码打开。二维码里有令牌，不要让它出现在直播画面里。",
        "For a phone, a tablet or another computer. Each code holds a token: do not show it on air.",
    ),
    "devices_local": (
        "现在只有本机能打开。用 --lan 重新启动，同一网络里的设备就能连上。",
        "Only this computer reaches the room now. Start it with --lan, and devices on the same network can.",
    ),
    "devices_no_tokens": (
        "这台机器上没有保存令牌：请从启动房间的终端复制网址。",
        "No tokens are kept on this machine: copy the addresses from where the room was started.",
    ),
    "devices_presenter": ("主播提词", "Presenter"),
    "devices_show": ("显示二维码", "Show the code"),
    "devices_show_url": ("显示网址", "Show the URL"),
    "devices_here": ("你现在用的", "this one"),
    "devices_scope_operator": ("可以操作", "may operate"),
    "devices_scope_viewer": ("只能看", "read-only"),
    "devices_scope_overlay": ("放进 OBS", "for OBS"),
}

"""The author's form: session.toml, section by section and key by key, as types.

These are what the JSON Schema is generated from. A description says what a key means, with its unit and default; the
guide for authors, sample_sessions/README.md, names each of them. `settings` tables and `do` entries belong to plugins:
they are kept as they stand and checked once plugins are known (`check_extensions`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from overlaykit.plan.kinds import (
    Amount,
    Back,
    Count,
    Currency,
    Day,
    Duration,
    Flag,
    Id,
    Image,
    Link,
    Moment,
    Money,
    Name,
    Option,
    PlatformId,
    Port,
    Priority,
    Share,
    Sku,
    SkuPattern,
    Template,
    Text,
    Units,
    Url,
    Word,
)

Path = tuple[str | int, ...]
"""Where something stands in a plan: ("item", 2, "opening", "hz"); positions in arrays count from 0."""


def _says(text: str) -> Meta:
    return Meta(description=text)


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Base of all sections. `at` is where it was read, () when it was not read from a file."""

    @property
    def at(self) -> Path:
        place: Path = self.__dict__.get("at", ())
        return place


class Thresholds(Form, frozen=True, kw_only=True):
    """When an item counts as low or critical: pieces, or a share of the units opened so far."""

    low: Annotated[Amount | None, _says('state `low` at or below this; default "20%"')] = None
    critical: Annotated[Amount | None, _says('state `critical` at or below this, less than low; default "5%"')] = None


class IncomingForm(Form, frozen=True, kw_only=True):
    """Units promised to a location (在途)."""

    quantity: Annotated[Count, _says("pieces")]
    due: Annotated[Day, _says("the day they arrive")]


class ItemForm(Form, frozen=True, kw_only=True):
    """One item (商品) that is sold: a row of the running order. Variants of a product share `link` and `product`."""

    sku: Annotated[Sku, _says("商品编码: its key, unique in the plan")]
    title: Annotated[Text, _says("标题: what overlays show")]
    link: Annotated[Link | None, _says("几号链接: the number the presenter says, 1 to 9999")] = None
    product: Annotated[Word | None, _says("款: the product that this is a variant of")] = None
    variant: Annotated[Text | None, _says("规格: which variant, such as 黑 M")] = None
    subtitle: Annotated[Text | None, _says("副标题: a second line")] = None
    price: Annotated[Money | None, _says('价格, in the plan\'s currency, such as "899.00"')] = None
    list_price: Annotated[Money | None, _says("划线价: the price to compare with")] = None
    cost: Annotated[Money | None, _says("成本: seen on the desk only")] = None
    opening: Annotated[
        Units | dict[Name, Units] | None,
        _says(
            "开场库存: pieces on hand at the start by location, buffer included; a number when there is one location"
        ),
    ] = None
    buffer: Annotated[
        Amount | dict[Name, Amount] | None,
        _says("弹性库存: kept back, as a percentage or pieces, or by location; default: the plan's"),
    ] = None
    incoming: Annotated[dict[Name, IncomingForm] | None, _says("在途: pieces promised, by location")] = None
    thresholds: Annotated[Thresholds | None, _says("its own levels of low and critical; default: the plan's")] = None
    buyer_limit: Annotated[Count | None, _says("限购: pieces one buyer may have in this session")] = None
    presale_limit: Annotated[Units | None, _says("预售上限: pieces that may be sold ahead of arrival")] = None
    on_sale: Annotated[Flag | None, _says("on sale when the session opens; default true")] = None
    image: Annotated[Image | None, _says("图片: a file in the session's folder, or an https address")] = None
    aliases: Annotated[list[Word] | None, _says("别名: what else people call it; the desk finds it by them")] = None
    facts: Annotated[dict[Word, Text] | None, _says('参数: facts for questions, such as "克重" = "720 g"')] = None
    bundle: Annotated[
        dict[Sku, Count] | None,
        _says("套装: made of other items, sku = pieces, at most 1000 of each; it has no stock of its own"),
    ] = None


class LocationForm(Form, frozen=True, kw_only=True):
    """A warehouse (仓库). The order of locations is the order in which orders draw from them."""

    title: Annotated[Text | None, _says("标题: its name on screens; default: the section's name")] = None
    serves: Annotated[list[Word] | None, _says("regions (地区) that it ships to; default: everywhere")] = None
    source: Annotated[Name | None, _says("数据源: the [source.NAME] that its counts come from")] = None
    backup: Annotated[Name | None, _says("备用数据源: the [source.NAME] to use while `source` is silent")] = None
    stale_after: Annotated[
        Duration | None, _says("silence of its source after which numbers are marked stale; default 10s")
    ] = None


class MappedForm(Form, frozen=True, kw_only=True):
    """What a sku of a platform is here, where one unit of it is several of ours (a pack)."""

    sku: Annotated[Sku, _says("商品编码: the item of this plan")]
    quantity: Annotated[Count | None, _says("units of the item in one of the platform's; default 1")] = None


class ChannelForm(Form, frozen=True, kw_only=True):
    """A sales platform or shop account (渠道)."""

    title: Annotated[Text | None, _says("标题: its name on screens; default: the section's name")] = None
    connector: Annotated[Name | None, _says("plugin that brings its orders; without one they come by the API")] = None
    sells: Annotated[
        Literal["asks_first", "by_itself"] | None,
        _says(
            "asks_first (default): reserves before it sells; by_itself: sells first and tells us, so it needs a share"
        ),
    ] = None
    share: Annotated[
        Share | None, _says("渠道配额: share of each item that it may sell; all together at most 100%")
    ] = None
    floor: Annotated[Share | None, _says("share that it keeps when shares are moved; at most `share`")] = None
    unmapped: Annotated[
        Literal["ignore", "quarantine"] | None,
        _says("lines of items that are not in this plan: ignore (default) or quarantine, to be looked at"),
    ] = None
    stream_delay: Annotated[Duration | None, _says("how far its picture is behind the room; default none")] = None
    app: Annotated[
        Name | None,
        _says(
            "the platform app, whose messages come to /hooks/APP; channels may share one; default: the section's name"
        ),
    ] = None
    shop: Annotated[
        PlatformId | None, _says("the platform's id of the shop; needed when its app has several channels")
    ] = None
    skus: Annotated[
        dict[PlatformId, Sku | MappedForm] | None,
        _says("what the platform's skus are here; one that is not listed is taken for ours, if there is one"),
    ] = None
    sells_only: Annotated[
        list[Sku] | None,
        _says('在售商品: the items that it sells, skus or patterns such as "coat-*"; default: all of this plan'),
    ] = None
    every: Annotated[Duration | None, _says("how often new orders are asked for; default 10s")] = None
    lag: Annotated[
        Duration | None, _says("how old its news, and the numbers pushed to it, are at worst; default 5s")
    ] = None
    push: Annotated[
        Flag | None, _says("are the numbers that it may sell written to it? default true, where the connector can")
    ] = None
    settings: Annotated[
        dict[str, Any] | None, _says("the connector's own settings, once for each app; secrets never stand here")
    ] = None


class CountdownForm(Form, frozen=True, kw_only=True):
    """A countdown (倒计时), set when the session opens: exactly one of `ends_at` and `seconds`."""

    name: Annotated[Name, _says("its name, unique; each drop NAME also has NAME-open and NAME-close")]
    sku: Annotated[Sku | None, _says("the item it belongs to; without one the whole room")] = None
    ends_at: Annotated[Moment | None, _says('when it reaches zero: "20:30" or date and time')] = None
    seconds: Annotated[Duration | None, _says("how long after the opening")] = None
    audience: Annotated[
        bool | None,
        _says("`seconds` counted from when the audience sees the opening: longer by the largest stream_delay"),
    ] = None


class DropForm(Form, frozen=True, kw_only=True):
    """A batch (波次) limited in number and time."""

    name: Annotated[Name, _says("its name, unique")]
    sku: Annotated[Sku, _says("the item; not a bundle")]
    quantity: Annotated[
        Count, _says("pieces in the batch; an item's batches together at most its opening stock less the buffer")
    ]
    opens_at: Annotated[Moment | None, _says('"20:00" or date and time; without it it is opened by hand')] = None
    closes_after: Annotated[Duration | None, _says("how long it stays open; without it until closed by hand")] = None
    audience: Annotated[
        bool | None,
        _says("`closes_after` counted from when the audience sees it open: longer by the largest stream_delay"),
    ] = None
    buyer_limit: Annotated[Count | None, _says("限购: pieces one buyer may have of it")] = None
    price: Annotated[Money | None, _says("its own price while it is open")] = None


class SourceForm(Form, frozen=True, kw_only=True):
    """Where stock counts come from (数据源): an ERP, a WMS, a file."""

    plugin: Annotated[Name, _says("the plugin that reads it")]
    every: Annotated[Duration | None, _says("how often changes are fetched; default 3s")] = None
    full_count: Annotated[Duration | None, _says("how often everything is counted")] = None
    jump: Annotated[
        Share | None,
        _says(
            'a reading that differs by more than this share of the larger number is held to be confirmed; default "50%"'
        ),
    ] = None
    settings: Annotated[dict[str, Any] | None, _says("the plugin's own settings; secrets never stand here")] = None


class NotifierForm(Form, frozen=True, kw_only=True):
    """Where messages to the team go (通知), such as a group robot."""

    plugin: Annotated[Name, _says("the plugin that sends")]
    settings: Annotated[dict[str, Any] | None, _says("the plugin's own settings; secrets never stand here")] = None


class WebhookForm(Form, frozen=True, kw_only=True):
    """A system that is told what happened (Webhook), signed as Standard Webhooks say."""

    url: Annotated[Url, _says("where it is posted to")]
    private: Annotated[
        Flag | None,
        _says("may the name of its host stand for an address of this network? default false; localhost and 10.… may"),
    ] = None


class RelayForm(Form, frozen=True, kw_only=True):
    """A public inbox (`overlaykit relay`) that keeps the platforms' messages until this room fetches them."""

    url: Annotated[Url, _says("where it answers")]


class ObsTextForm(Form, frozen=True, kw_only=True):
    """A text source in OBS that follows the board."""

    source: Annotated[Text, _says("the source's name in OBS")]
    template: Annotated[Template, _says("what it says, as a Jinja template")]


class ObsForm(Form, frozen=True, kw_only=True):
    """One OBS. Its password is asked for once by `overlaykit obs setup` and never stands here."""

    host: Annotated[Text | None, _says("where it runs; default 127.0.0.1")] = None
    port: Annotated[Port | None, _says("its WebSocket port; default 4455")] = None
    manual_override: Annotated[
        Duration | None, _says("how long automation yields after a person switched the scene; default 60s")
    ] = None
    studio_mode: Annotated[
        Literal["direct", "preview"] | None,
        _says("how scenes come on program in studio mode: direct (default), or through preview and its transition"),
    ] = None
    safe_scene: Annotated[Text | None, _says("the scene for emergencies")] = None
    text: Annotated[list[ObsTextForm] | None, _says("text sources that follow the board: [[obs.NAME.text]]")] = None


class RuleForm(Form, frozen=True, kw_only=True):
    """When something happens, if a condition holds, do something (规则)."""

    name: Annotated[Name, _says("its name, unique")]
    when: Annotated[Template, _says("what sets it off, such as available < 50 (crossed downwards)")]
    if_: Annotated[Template | None, _says("a condition that must hold then")] = field(name="if", default=None)
    sku: Annotated[SkuPattern | None, _says("only these items: a sku or a pattern such as coat-*")] = None
    rearm: Annotated[Back | None, _says("it may fire again once the value is back at this")] = None
    sustained: Annotated[Duration | None, _says("`when` must have lasted this long")] = None
    cooldown: Annotated[Duration | None, _says("least time between two firings for the same item")] = None
    once: Annotated[Flag | None, _says("only the first time in the session, for each item; default false")] = None
    priority: Annotated[Priority | None, _says("of rules that fire at once, the higher is first; default 0")] = None
    late: Annotated[Duration | None, _says("fired later than this after the edge it is left out; default 10s")] = None
    enabled: Annotated[Flag | None, _says("false: off until it is switched on from the desk; default true")] = None
    do: Annotated[
        list[dict[str, Any]],
        Meta(description="what is done, in order: each with `action` and its own fields", min_length=1),
    ]


class AlertForm(Form, frozen=True, kw_only=True):
    """A message to the team when a level is crossed (预警)."""

    when: Annotated[Template, _says("what sets it off, such as available < 20%")]
    if_: Annotated[Template | None, _says("a condition that must hold then")] = field(name="if", default=None)
    sku: Annotated[SkuPattern | None, _says("only these items: a sku or a pattern such as coat-*")] = None
    rearm: Annotated[Back | None, _says("it may come again once the value is back at this")] = None
    sustained: Annotated[Duration | None, _says("`when` must have lasted this long")] = None
    cooldown: Annotated[Duration | None, _says("least time between two of them for the same item; default 5m")] = None
    text: Annotated[Template | None, _says("what it says, a template; default: what happened, in words")] = None
    level: Annotated[Literal["info", "warning", "urgent"] | None, _says("how loud; default warning")] = None
    to: Annotated[list[Name] | None, _says("[notifier.NAME]s that send it; the desk always shows it")] = None


class EmergencyForm(Form, frozen=True, kw_only=True):
    """An emergency plan (应急预案): one button on the desk."""

    title: Annotated[Text | None, _says("标题: what the button says; default: the section's name")] = None
    do: Annotated[
        list[dict[str, Any]],
        Meta(description="what is done, in order: each with `action` and its own fields", min_length=1),
    ]
    checklist: Annotated[
        list[Text] | None, _says("清单: what people shall see to when it is run, in order; shown on the desk")
    ] = None


class AnnouncementForm(Form, frozen=True, kw_only=True):
    """Something that the operator announces again and again (公告模板): pressed on the desk, it is filled in and shown."""

    name: Annotated[Name, _says("its name, unique: what its button says")]
    text: Annotated[Template, _says("what it says, as a Jinja template; `item` is the item on air")]
    level: Annotated[Literal["info", "warning", "urgent"] | None, _says("how loud; default info")] = None
    seconds: Annotated[Duration | None, _says("how long it stays; default: until it is taken down")] = None


class ScriptForm(Form, frozen=True, kw_only=True):
    """What the presenter is prompted to say (话术), by the state of the item on air; Jinja templates."""

    plenty: Annotated[Template | None, _says("state on_sale: there is plenty")] = None
    presale: Annotated[Template | None, _says("state presale")] = None
    next: Annotated[Template | None, _says("when the next item is due")] = None
    low: Annotated[Template | None, _says("state low")] = None
    critical: Annotated[Template | None, _says("state critical")] = None
    sold_out: Annotated[Template | None, _says("state sold_out")] = None
    unknown: Annotated[Template | None, _says("the number may be wrong: its source is silent")] = None


class BuyerLimit(Form, frozen=True, kw_only=True):
    """Pieces one buyer may order in a span of time."""

    quantity: Annotated[Count, _says("pieces")]
    per: Annotated[Duration, _says("the span")]


class AttemptLimit(Form, frozen=True, kw_only=True):
    """Requests one buyer may make in a span of time."""

    count: Annotated[Count, _says("requests")]
    per: Annotated[Duration, _says("the span")]


class Limits(Form, frozen=True, kw_only=True):
    """Limits (限制) against hoarding and scripts."""

    buyer: Annotated[BuyerLimit | None, _says("pieces one buyer may order in a span of time")] = None
    attempts: Annotated[AttemptLimit | None, _says("requests one buyer may make in a span of time")] = None


class PlanForm(Form, frozen=True, kw_only=True):
    """session.toml: one live room (场次) from opening to close."""

    id: Annotated[Id, _says("编号: in every URL; letters, digits, -")]
    title: Annotated[Text, _says("标题: what screens call the session")]
    starts: Annotated[Moment | None, _says('开播时间: date and time; other times may then be "20:00"')] = None
    locale: Annotated[Text | None, _says("语言: language and region of what overlays say; default zh-CN")] = None
    timezone: Annotated[Text | None, _says("时区: IANA name; default Asia/Shanghai")] = None
    currency: Annotated[Currency | None, _says("币种: ISO 4217; default CNY")] = None
    theme: Annotated[Name | None, _says("主题: theme of the overlays; default classic")] = None
    options: Annotated[dict[Word, Option] | None, _says("the theme's options")] = None
    ledger: Annotated[Id | None, _says("rooms that share units name the same; default: id")] = None
    hold: Annotated[Duration | None, _says("占用时长: how long a reserve is held unpaid; default 15m")] = None
    split: Annotated[Flag | None, _says("may one order line draw from several locations? default false")] = None
    buffer: Annotated[
        Amount | None, _says("弹性库存 of every item without its own, rounded down per location; default 0")
    ] = None
    thresholds: Annotated[Thresholds | None, _says("levels of low and critical of every item without its own")] = None
    limits: Annotated[Limits | None, _says("限制: limits per buyer")] = None
    item: Annotated[list[ItemForm] | None, _says("商品: the running order; instead of `items`")] = None
    items: Annotated[Text | None, _says("a table with the items, items.xlsx or items.csv, beside this file")] = None
    location: Annotated[
        dict[Name, LocationForm] | None, _says("仓库: [location.NAME]; without any there is one, default")
    ] = None
    channel: Annotated[
        dict[Name, ChannelForm] | None, _says("渠道: [channel.NAME]; without any there is one, default")
    ] = None
    countdown: Annotated[list[CountdownForm] | None, _says("倒计时: [[countdown]]")] = None
    drop: Annotated[list[DropForm] | None, _says("波次: [[drop]]")] = None
    source: Annotated[dict[Name, SourceForm] | None, _says("数据源: [source.NAME]")] = None
    notifier: Annotated[dict[Name, NotifierForm] | None, _says("通知: [notifier.NAME]")] = None
    webhook: Annotated[dict[Name, WebhookForm] | None, _says("Webhook: [webhook.NAME]")] = None
    relay: Annotated[dict[Name, RelayForm] | None, _says("中转: [relay.NAME]")] = None
    obs: Annotated[dict[Name, ObsForm] | None, _says("OBS: [obs.NAME]")] = None
    rule: Annotated[list[RuleForm] | None, _says("规则: [[rule]]")] = None
    alert: Annotated[list[AlertForm] | None, _says("预警: [[alert]]")] = None
    emergency: Annotated[dict[Name, EmergencyForm] | None, _says("应急预案: [emergency.NAME]")] = None
    announcement: Annotated[list[AnnouncementForm] | None, _says("公告模板: [[announcement]]")] = None
    script: Annotated[ScriptForm | None, _says("话术: what the presenter is prompted to say")] = None

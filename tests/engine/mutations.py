"""Bugs to seed into the script, and how: each is an edit of its text in memory, which the suite has to notice."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from unittest.mock import patch

from overlaykit.stock.script import command_script
from overlaykit.store import Script


@dataclass(frozen=True)
class Edit:
    """In a file of the script's folder, `old`, which must stand there exactly once, becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutation:
    """A bug. `topic`: the stories that are told first, `test_scenarios_TOPIC.py`."""

    name: str
    topic: str
    edits: tuple[Edit, ...]


class Rotten(AssertionError):
    """A mutation whose text is not in the script any more."""


def one(name: str, topic: str, file: str, old: str, new: str) -> Mutation:
    return Mutation(name, topic, (Edit(file, old, new),))


MUTATIONS = (
    one(
        "an alert that is over stays",
        "direction",
        "alerts.lua",
        "    if item.owed == 0 then return alerts.lower('oversold:' .. item.sku) end\n",
        "",
    ),
    one(
        "what got worse is still seen",
        "direction",
        "alerts.lua",
        "if count <= tonumber(was) and RANK[level] <= RANK[rank] then",
        "if true then",
    ),
    one(
        "the oldest alert leaves, seen or not",
        "direction",
        "alerts.lua",
        "take_away((seen or oldest)[2])",
        "take_away(oldest[2])",
    ),
    one(
        "what was mapped waits on",
        "connectors",
        "ops/connectors.lua",
        "put(shown, 'map ' .. name, mapped)\n  settle(name)",
        "put(shown, 'map ' .. name, mapped)",
    ),
    one(
        "a number that was written is still one that was not",
        "connectors",
        "ops/connectors.lua",
        "remove(shown, 'unpushed ' .. name)",
        "",
    ),
    one(
        "units that wait are those of the last order",
        "connectors",
        "ops/connectors.lua",
        "tonumber(counted), units + tonumber(sum), first",
        "tonumber(counted), units, first",
    ),
    one(
        "a cart's lines are not summed",
        "requests",
        "taking.lua",
        "local plan, spoken, presale_units = {}, #all > 1 and {}, {}",
        "local plan, spoken, presale_units = {}, false, {}",
    ),
    one(
        "an id is forgotten after its call",
        "evening",
        "dispatch.lua",
        "new_ids[n + 1], new_ids[n + 2] = id, kept",
        "",
    ),
    one(
        "an id is forgotten within its call",
        "evening",
        "dispatch.lua",
        "known[id] = kept",
        "known[''] = kept",
    ),
    one(
        "the fingerprint is ignored",
        "evening",
        "dispatch.lua",
        "if string.sub(stored, 1, 16) ~= fingerprint then",
        "if stored == '' then",
    ),
    one(
        "a release gives its units twice",
        "returns",
        "returning.lua",
        "line[piece + OPEN], row[bucket] = line[piece + OPEN] - some, row[bucket] - some",
        "row[bucket] = row[bucket] - some",
    ),
    one(
        "an expiry beats a commit",
        "requests",
        "ops/order_commit.lua",
        "if order.state == 'held' then",
        "if order.state == 'held' and (order.expires == 0 or order.expires > now) then",
    ),
    Mutation(
        "a hold stays due after it was paid",
        "requests",
        (
            Edit(
                "dispatch.lua", "elseif order.hold and order.hold > 0 then", "elseif order.hold and order.hold < 0 then"
            ),
            Edit(
                "due.lua",
                "if order and order.state == 'held' and order.expires > 0 and order.expires <= now then",
                "if order then",
            ),
        ),
    ),
    one(
        "a limit does not count holds",
        "limits",
        "taking.lua",
        "if limited then count_line(order, line, units) end",
        "if limited and order.state == 'committed' then count_line(order, line, units) end",
    ),
    one(
        "a limit does not count the first order of a buyer",
        "limits",
        "ops/order_reserve.lua",
        "if limited then count_one_item(buyer, sku, units) end",
        "",
    ),
    one(
        "a new buyer stays new for the whole call",
        "limits",
        "buyers.lua",
        "  stored_buyers[name] = packed\n",
        "",
    ),
    one(
        "a line says of a row what was true before it changed",
        "returns",
        "items.lua",
        "if not sold then row[BEFORE] = false end",
        "",
    ),
    one(
        "a reading ignores what it expected",
        "stock",
        "ops/stock_count.lua",
        "then return 'changed' end",
        "then expected = -1 end",
    ),
    one(
        "a reading ignores what has moved since",
        "stock",
        "ops/stock_count.lua",
        "local explained = stands - expected",
        "local explained = 0",
    ),
    one(
        "a sudden zero is believed",
        "stock",
        "ops/stock_count.lua",
        "if quantity == 0 and stood > 0 then",
        "if quantity == 0 and stood < 0 then",
    ),
    one(
        "a jump is believed",
        "stock",
        "ops/stock_count.lua",
        "> jump * math.max(quantity, stood)",
        "> math.max(quantity, stood)",
    ),
    one(
        "an allotment is over-drawn",
        "quotas",
        "taking.lua",
        "if left_of(quota) < sum then",
        "if left_of(quota) == 0 then",
    ),
    one(
        "a drop sells over its number",
        "quotas",
        "taking.lua",
        "if left_of(item.drops[name]) < units then",
        "if left_of(item.drops[name]) == 0 then",
    ),
    one(
        "the pool forgets the drops",
        "quotas",
        "quotas.lua",
        "if drop[STATUS] ~= 'closed' then units = units - left_of(drop) end",
        "if drop[STATUS] == 'closed' then units = units - left_of(drop) end",
    ),
    one(
        "a closed drop keeps its units",
        "quotas",
        "due.lua",
        "drop[STATUS] = 'closed'",
        "drop[STATUS] = 'pending'",
    ),
    one(
        "a fact leaves other quotas what it took from them",
        "quotas",
        "quotas.lua",
        "if missing <= 0 then return end",
        "if missing ~= nil then return end",
    ),
    one(
        "units kept back are released twice",
        "stock",
        "ops/stock_move.lua",
        "row[column] = row[column] - units",
        "if column ~= BUFFER then row[column] = row[column] - units end",
    ),
    one(
        "a region is served from anywhere",
        "requests",
        "items.lua",
        "if region ~= '' then return config.regions[region] or {} end",
        "if region == '-' then return config.regions[region] or {} end",
    ),
    one(
        "half a bundle is sold",
        "bundles",
        "orders.lua",
        "for _, part in ipairs(item.bundle) do",
        "for _, part in ipairs({ item.bundle[1] }) do",
    ),
    one(
        "the counter forgets the last entry",
        "evening",
        "dispatch.lua",
        "if #lines > 0 then head_changed.seq = digits[head.seq] end",
        "if #lines > 0 then head_changed.seq = digits[head.seq - 1] end",
    ),
    one(
        "an output uses the seq of its cause again",
        "returns",
        "entries.lua",
        "local seq = head.seq + 1\n    head.seq = seq\n    first_seq = first_seq or seq\n",
        "local seq = cause or head.seq + 1\n    head.seq = head.seq + 1\n    first_seq = first_seq or seq\n",
    ),
    one(
        "a debt is paid twice",
        "returns",
        "waiting.lua",
        "lessen_debt(item, line, order, units)\n          covers",
        "covers",
    ),
    one(
        "the newest debt is paid first",
        "returns",
        "orders.lua",
        "string.format('%016d', seq)",
        "string.format('%016d', 1e15 - seq)",
    ),
    one(
        "an early cancellation is forgotten",
        "facts",
        "ops/order_record.lua",
        "if each[1] == 'release' and #each[3] == 0 then return true end",
        "if each[1] == 'release' and #each[3] == 0 then return false end",
    ),
    one(
        "early facts are forgotten",
        "facts",
        "ops/order_record.lua",
        "if early then excess = apply_early(order) end",
        "order.early = false",
    ),
    one(
        "an expired order that was sold is not taken again",
        "facts",
        "ops/order_record.lua",
        "if order.state == 'expired' then",
        "if order.state == 'gone' then",
    ),
    one(
        "a reserve is answered after the session",
        "requests",
        "ops/order_reserve.lua",
        "if head.status ~= 'live' and not taking_requests() then return 'session_closed' end",
        "",
    ),
    one(
        "a cart of several places is never split",
        "requests",
        "taking.lua",
        "if not parts and config.split then",
        "if not parts and config.never then",
    ),
    one(
        "presale has no limit",
        "presale",
        "taking.lua",
        "if sum > item.presale_limit then parts = nil end",
        "",
    ),
    one(
        "what arrives goes on the shelf, not to those who wait",
        "presale",
        "ops/stock_move.lua",
        "then quantity = quantity - serve_presold(item, place, quantity) end",
        "then quantity = math.min(quantity, row[INCOMING]) end",
    ),
    one(
        "one attempt too many is let through",
        "limits",
        "buyers.lua",
        "if tries >= rate[1] then return true end",
        "if tries > rate[1] then return true end",
    ),
    one(
        "a rate never forgets",
        "limits",
        "buyers.lua",
        "if list[i] > now - rate[2] then units",
        "if list[i] > 0 then units",
    ),
    one(
        "a refund of lost goods fills the shelf",
        "returns",
        "returning.lua",
        "if how == 'gone' then",
        "if how == 'lost' then",
    ),
    one(
        "a link number stands for two products",
        "evening",
        "ops/catalogue.lua",
        "(product == '' or linked('item ' .. other)[2] ~= product)",
        "product == ''",
    ),
    one(
        "a changed level is forgotten by the next comparison",
        "evening",
        "ops/catalogue.lua",
        "product or groups[2], low or groups[3], critical or groups[4] }",
        "product or groups[2], groups[3], groups[4] }",
    ),
    one(
        "an option taken back stays",
        "evening",
        "ops/screen.lua",
        "if each[2] == '' then remove(shown, each[1]) else",
        "if each[2] ~= '' then",
    ),
    one(
        "who lost the lease goes on speaking",
        "direction",
        "ops/direction.lua",
        "return token >= 0 and fenced(token)",
        "return false",
    ),
    one(
        "what comes too late uses up its id",
        "direction",
        "dispatch.lua",
        " or reason == 'fenced')",
        ")",
    ),
    one(
        "a rule fires for the first time, always",
        "direction",
        "ops/direction.lua",
        "digits[count + 1]",
        "digits[1]",
    ),
    one(
        "of too many tasks the newest leaves",
        "direction",
        "ops/direction.lua",
        "table.remove(tasks, 1)",
        "table.remove(tasks)",
    ),
    one(
        "a task that is open is opened twice",
        "direction",
        "ops/direction.lua",
        """  take_out(tasks, task)
  tasks[#tasks + 1] = task""",
        "  tasks[#tasks + 1] = task",
    ),
    one(
        "a source stays silent",
        "direction",
        "ops/direction.lua",
        "if fields[i][2] == '' then remove(shown, fields[i][1]) else",
        "if fields[i][2] ~= '' then",
    ),
    one(
        "facts add up beyond exact numbers",
        "bundles",
        "facts.lua",
        "if units > 0 and all_units(find_item(sku)) + units > MOST_UNITS then return true end",
        "if units > MOST_UNITS then return true end",
    ),
)


class _EditedFolder:
    """A folder of the package whose files read as they would after the edits; `done` are those that have been read."""

    def __init__(self, mutation: Mutation, path: Traversable, inside: str, done: set[Edit]) -> None:
        self._mutation, self._path, self._inside, self._done = mutation, path, inside, done

    def __truediv__(self, name: str) -> _EditedFolder:
        return _EditedFolder(self._mutation, self._path / name, f"{self._inside}/{name}", self._done)

    def read_text(self, encoding: str) -> str:
        text = self._path.read_text(encoding=encoding)
        for edit in self._mutation.edits:
            if self._inside == f"/lua/{edit.file}":
                if text.count(edit.old) != 1:
                    raise Rotten(
                        f"{self._mutation.name}: {edit.file} has {text.count(edit.old)} times, not once: {edit.old!r}. "
                        "The script has changed; seed the bug anew."
                    )
                text = text.replace(edit.old, edit.new)
                self._done.add(edit)
        return text


def mutated(mutation: Mutation) -> Script:
    """The script with the bug, put together as always. Raises Rotten when its text is not there any more."""
    done: set[Edit] = set()
    folder = _EditedFolder(mutation, files("overlaykit.stock"), "", done)
    with patch("overlaykit.stock.script.files", lambda _: folder):
        script: Script = command_script.__wrapped__()
    if missing := [edit.file for edit in mutation.edits if edit not in done]:
        raise Rotten(f"{mutation.name}: {', '.join(missing)} is not part of the script")
    return script

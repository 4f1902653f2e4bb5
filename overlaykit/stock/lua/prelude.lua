-- The shared ground of every operation: one call, one clock reading, one load, one store.
--
-- A call runs in three phases. load: head, configuration, ids and orders of all its commands. decide: each operation works
-- on tables in memory. store: everything that changed is written, entries last. Nothing is written before all is decided;
-- entry 1 alone lays down plan, configuration and items while it is decided.
--
-- KEYS (all with the hash tag {ledger}; overlaykit/stock/keys.py names them)
--   1 head     hash    seq, epoch, title, status, frozen (seq of the freeze or 0), planned_at, opened_at, generation (a or b:
--                      where new ids go), rotated_at, attempts (number of the running window), suspended, older (1 once ids have
--                      been in two generations); what ops/keeping.lua, ops/recovery.lua and gate.lua name
--   2 config   string  msgpack: locations, regions, channels, channel_order, split, hold_ms, countdowns, openings, drops,
--                      buyer_rate, attempt_rate, limited (whether the plan limits what a buyer may take)
--   3 items    hash    sku → msgpack list; items.lua says of what
--   4 orders   hash    order → msgpack list; orders.lua says of what
--   5 holds    zset    order by expiry, ms
--   6 timers   zset    "countdown NAME", "announce ID", "open DROP", "close DROP" by deadline, ms
--   7 queues   zset    debts, "sku \0 seq \0 order", and orders that wait for incoming units, "\1 sku \0 seq \0 order"; all with
--                      score 0, so in order of sku and age
--   8 buyers   hash    buyer → msgpack map; buyers.lua says of what; only where a limit counts them
--   9 ids a    hash    id as JSON → 16 bytes fingerprint, the answer as it was given: one generation
--  10 ids b    hash    the other generation
--  11 shown    hash    what a board shows besides units, as JSON: "on_air", "on_air CHANNEL", "countdown NAME", "announce ID",
--                      "item FIELD SKU" (a field changed since planning), "added SKU", "order" (skus, once it has changed), "theme",
--                      "option NAME" (of the overlays, as overlay.set says), "rule NAME" (whether it is on, as rule.set says), "fired
--                      RULE", "task ID" and "tasks" (their ids, the oldest first), "obs NAME", "health NAME", "source NAME" (since
--                      when it is silent), "pace SKU", "paused SECTION", "map CHANNEL \0 PLATFORM_SKU", "unmapped CHANNEL \0 PLATFORM_SKU"
--                      and "unmapped" (their names, the oldest first), "dropped CHANNEL \0 PLATFORM_SKU" (the entry of the last
--                      quarantine.drop of it), "pushed CHANNEL \0 SKU", "unpushed CHANNEL \0 SKU", "note" (the operator's, for the
--                      presenter), "alert ID", "acked ID", "snoozed ID" and "alerts"; alerts.lua, ops/direction.lua,
--                      ops/connectors.lua and overlaykit/stock/notes.py say of what
--  12 links    hash    "link N" and "product NAME" → msgpack list of skus in running order; "order" → all skus;
--                      "item SKU" → msgpack {link or '', product or '', low, critical}; "levels" → the plan's {low, critical}; a level is
--                      {"units" or "share", number}
--  13 plan     string  the resolved plan, JSON, as entry 1 holds it
--  14 ledger   stream  entry n has the stream id n-0 and one field e: the exact bytes of its line
--  15 attempts hash    buyer → reserves tried in the running window
--  16 history  hash    "sku \0 location" → msgpack list step, on_hand, available, held + committed …: what stood there until
--                      that step of ten seconds began; the last step's stands in the row itself
--  17 aside    hash    what waits for a decision: "fact SEQ" → JSON {type, order, reason} of a quarantined fact; "reading SEQ" →
--                      msgpack {sku, location, {seq, quantity, basis, open orders included, as_of}}
-- ARGV
--   1 epoch the caller knows, or ''      2 highest seq the caller has seen; with the flag g the very seq at which the ledger
--     has to stand, or -1 for any
--   3 now in ms, or '' for the server's TIME (a test's or a replay's clock); in a replay one for each command, with spaces
--     between them and all in one second
--   4 flags: s = as recorded, so never sweep; g = goes through a shut gate
--   5 how many values each command has, as msgpack, one after the other
--   6 those values, the same way: fingerprint (16 bytes), head of its line (JSON members type, id, source, data), type, id as
--     JSON, then the fields of the operation in the order its file names them
-- Returns {state, seq, epoch, answer …}: state ok, none (no such ledger), behind (nothing was decided; the fourth value is the
--   head's `epochs`, and what the caller knows beyond is noted, see gate.lua) or torn (the ledger and seq disagree: nothing was
--   written); for each command its fingerprint and, as JSON, its outcome (of the clock's own
--   only a number or a word).

local key = { head = KEYS[1], config = KEYS[2], items = KEYS[3], orders = KEYS[4], holds = KEYS[5], timers = KEYS[6],
              queues = KEYS[7], buyers = KEYS[8], ids_a = KEYS[9], ids_b = KEYS[10], shown = KEYS[11], links = KEYS[12],
              plan = KEYS[13], ledger = KEYS[14], attempts = KEYS[15], history = KEYS[16], aside = KEYS[17] }

-- A command is a list: where the next one begins in the sixth argument, then its values.
local NEXT, FINGERPRINT, LINE, TYPE, ID, FIELDS = 1, 2, 3, 4, 5, 6

local SWEEP_AT_MOST = 200
local MOST_UNITS = 1000000000000 -- of an item, wherever they are: numbers are exact to 2^53, and sums of them have to be too
local CHUNK = 200
local STEP_MS = 10000            -- how finely the history of a row is kept
local HISTORY_MS = 7200000       -- and for how long

-- The operations by type of command. Most calls carry orders to reserve and nothing else, and the store runs this whole text
-- anew in each. So what the others need is put (by script.py) into two functions that make it when it is first asked for:
-- all that follows an order, and the evening. Making everything in every call cost 350,000 instructions, as much as three orders.
local makers
local ops = setmetatable({}, { __index = function(all, kind)
  while makers[1] do
    table.remove(makers, 1)()
    if rawget(all, kind) then return rawget(all, kind) end
  end
end })

-- What one of these parts makes and another uses.
local give, serve_presold, set_countdown, end_countdown, open_drop, close_drop, find_drop, sweep_holds
local alerts = {}                -- raise, lower, owe, and what they read `shown` with: see alerts.lua
sweep_holds = function(most)     -- until the real one is made
  table.remove(makers, 1)()
  return sweep_holds(most)
end

local now, second, step, flags   -- the call's time: ms, s, and tens of seconds
local head, config               -- config: prelude's KEYS say what it has; read once a call

-- Reading -----------------------------------------------------------------------------------------------------------------

local function read_head()
  local values = redis.call('HMGET', key.head, 'seq', 'epoch', 'status', 'frozen', 'planned_at', 'opened_at', 'generation',
    'rotated_at', 'attempts', 'suspended', 'older', 'gate')
  if not values[1] then return false end
  head = { seq = tonumber(values[1]), epoch = values[2], status = values[3], frozen = tonumber(values[4]),
           planned_at = values[5], opened_at = values[6], generation = values[7], rotated_at = values[8],
           attempts = values[9], suspended = values[10] == '1', older = values[11] == '1', gate = values[12] == '1' }
  return true
end

local function taking_requests() return head.status == 'live' or head.status == 'frozen' end

-- Whether the call is a replay: what a recording says is applied as it stands.
local function given() return string.find(flags, 's', 1, true) ~= nil end

-- Whether what is due may end by itself: not in a replay, and not while the store's clock is suspect.
local function time_runs() return not head.suspended and not given() end

-- Calls `HMGET key field…` for a list of any length and puts what it finds into the table `found`; for a field that is not
-- there `absent`, unless that is nil.
local function fetch(key, fields, found, absent)
  for start = 0, #fields - 1, CHUNK do
    local values = redis.call('HMGET', key, unpack(fields, start + 1, math.min(start + CHUNK, #fields)))
    for i = 1, #values do
      local value = values[i] or absent
      if value ~= nil then found[fields[start + i]] = value end
    end
  end
end

-- Text ----------------------------------------------------------------------------------------------------------------

-- Texts as JSON has them, and numbers as digits: both are needed again and again, and making them is dear.
local quoted = setmetatable({}, { __index = function(all, text)
  local made = cjson.encode(text)
  all[text] = made
  return made
end })
local digits = setmetatable({}, { __index = function(all, number)
  local made = string.format('%d', number)
  all[number] = made
  return made
end })

-- The same for a number that will not come again, as a seq or the units left: in two parts, of which the first comes again.
-- Making one anew costs three times as much as putting two together.
local numeral
do
  local last_two = setmetatable({}, { __index = function(all, number)
    local made = string.format('%02d', number)
    all[number] = made
    return made
  end })
  numeral = function(number)
    if number < 100 then return digits[number] end
    local low = number % 100
    return digits[(number - low) / 100] .. last_two[low]
  end
end

-- Values as msgpack has them, for the same reason; and the header of a list of so many.
local bytes = setmetatable({}, { __index = function(all, value)
  local made = cmsgpack.pack(value)
  all[value] = made
  return made
end })
local function list_header(length)
  if length < 65536 then return '\220' .. string.char(math.floor(length / 256), length % 256) end
  return '\221' .. struct.pack('>I4', length)
end

-- `list` with one more part, as JSON lists have them.
local function joined(list, part)
  return list == '' and part or list .. ',' .. part
end

-- Milliseconds since 1970 → RFC 3339 UTC. Days to a date as in the proleptic Gregorian calendar, with March as first month.
local iso
do
  local iso_second, iso_text
  iso = function(ms)
    local second = math.floor(ms / 1000)
    if second ~= iso_second then
      local days, rest = math.floor(second / 86400) + 719468, second % 86400
      local era = math.floor(days / 146097)
      local day_of_era = days - era * 146097
      local year_of_era = math.floor((day_of_era - math.floor(day_of_era / 1460) + math.floor(day_of_era / 36524)
        - math.floor(day_of_era / 146096)) / 365)
      local day_of_year = day_of_era - (365 * year_of_era + math.floor(year_of_era / 4) - math.floor(year_of_era / 100))
      local shifted = math.floor((5 * day_of_year + 2) / 153)
      local day = day_of_year - math.floor((153 * shifted + 2) / 5) + 1
      local month = shifted < 10 and shifted + 3 or shifted - 9
      local year = year_of_era + era * 400 + (month <= 2 and 1 or 0)
      iso_second = second
      iso_text = string.format('%04d-%02d-%02dT%02d:%02d:%02d', year, month, day, math.floor(rest / 3600),
        math.floor(rest / 60) % 60, rest % 60)
    end
    return string.format('%s.%03dZ', iso_text, ms % 1000)
  end
end

-- Writing: collected here, done at the end by dispatch.lua ------------------------------------------------------------------

local lines = {}                 -- ledger lines of this call
local first_seq                  -- seq of lines[1]
local changed_items, changed_orders, changed_buyers = {}, {}, {}   -- orders as a list, the others by name
local new_ids = {}               -- flat: id, value, id, value …
-- What orders of this call have added as it will be stored, each a flat list: order, packed …; expiry, order …; buyer, packed …
-- What the call changes of it afterwards is among the changed ones, which are stored later.
local fresh_orders, fresh_holds, fresh_buyers = {}, {}, {}
local new_links, changed_history, new_attempts, head_changed = {}, {}, {}, {}
local afterwards = {}            -- commands for the store, after everything else

-- Members of a key that this call adds, with their scores or values, and those that it takes away.
local timers, waiting = { new = {}, gone = {} }, { new = {}, gone = {} }
local shown, aside = { new = {}, gone = {} }, { new = {}, gone = {} }

local function put(part, member, value) part.new[member], part.gone[member] = value, nil end
local function remove(part, member) part.gone[member], part.new[member] = true, nil end

local function put_aside(field)
  if aside.gone[field] then return false end
  return aside.new[field] or redis.call('HGET', key.aside, field)
end

local function set_head(field, value)
  head[field] = value
  head_changed[field] = value
end

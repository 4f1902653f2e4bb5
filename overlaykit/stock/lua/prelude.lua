-- The shared ground of every operation: one call, one clock reading, one load, one store.
--
-- A call runs in three phases. load: head, configuration, ids and orders of all its commands. decide: each operation works
-- on tables in memory. store: everything that changed is written, entries last. Nothing is written before all is decided.
--
-- KEYS (all with the hash tag {ledger}; overlaykit/stock/keys.py names them)
--   1 head    hash    seq, epoch, title, status, frozen (seq of the freeze or 0), planned_at, opened_at, generation
--   2 config  string  msgpack: locations, regions, channels, split, hold_ms, countdowns
--   3 items   hash    sku → msgpack {sale, owed, rows, frozen}; sale: upcoming, open, closed; rows: location → row;
--                     frozen: {freeze seq, rows, owed} as they stood when the numbers were frozen, or false
--   4 orders  hash    order → msgpack {state, channel, buyer, expires ms or 0, lines}; see orders.lua
--   5 holds   zset    order by expiry, ms
--   6 timers  zset    "countdown NAME" and "announce ID" by deadline, ms
--   7 debts   zset    "sku \0 seq \0 order", all with score 0, so in order of sku and age
--   8 quotas  hash    "channel NAME SKU" and "drop NAME" → msgpack {allotted, used}
--   9 ids a   hash    id → 16 bytes fingerprint, the answer as it was given: one generation
--  10 ids b   hash    the other generation
--  11 shown   hash    "on_air", "on_air CHANNEL", "countdown NAME", "announce ID" → JSON
--  12 links   hash    "link N" and "product NAME" → msgpack list of skus in running order
--  13 plan    string  the resolved plan, JSON, as entry 1 holds it
--  14 ledger  stream  entry n has the stream id n-0 and one field e: the exact bytes of its line
-- ARGV
--   1 epoch the caller knows, or ''      2 highest seq the caller has seen
--   3 now in ms, or '' for the server's TIME (a test's or a replay's clock)
--   4 flags: s = never sweep (replay)
--   5 … three for each command: fingerprint (16 bytes), head of its line (JSON members type, id, source, data),
--       msgpack {type, id, id as JSON, fields of the operation in the order its file names them}
-- Returns {state, seq, epoch, answer …}: state ok, none (no such ledger), behind (nothing was written) or torn (the ledger
--   and seq disagree: nothing was written); one JSON outcome for each command.

local HEAD, CONFIG, ITEMS, ORDERS, HOLDS, TIMERS, DEBTS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local IDS_A, IDS_B, SHOWN, LINKS, PLAN, LEDGER = KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13], KEYS[14]

local ON_HAND, AVAILABLE, HELD, COMMITTED, BUFFER, DAMAGED, INCOMING, SHIPPED, OPENING = 1, 2, 3, 4, 5, 6, 7, 8, 9
local SWEEP_AT_MOST = 200
local CHUNK = 200

local ops = {}
local now, flags
local head, config = {}, nil

-- Reading -----------------------------------------------------------------------------------------------------------------

local function read_head()
  local values = redis.call('HMGET', HEAD, 'seq', 'epoch', 'status', 'frozen', 'planned_at', 'opened_at', 'generation')
  if not values[1] then return false end
  head = { seq = tonumber(values[1]), epoch = values[2], status = values[3], frozen = tonumber(values[4]),
           planned_at = values[5], opened_at = values[6], generation = values[7] }
  return true
end

local function settings()
  if not config then config = cmsgpack.unpack(redis.call('GET', CONFIG)) end
  return config
end

-- Calls `command KEY field…` for a list of any length and gives a table field → value.
local function fetch(key, fields)
  local found = {}
  for start = 1, #fields, CHUNK do
    local stop = math.min(start + CHUNK - 1, #fields)
    local values = redis.call('HMGET', key, unpack(fields, start, stop))
    for i = start, stop do found[fields[i]] = values[i - start + 1] or nil end
  end
  return found
end

-- Text ----------------------------------------------------------------------------------------------------------------

local quoted = {}
local function quote(text)
  local known = quoted[text]
  if not known then known = cjson.encode(text); quoted[text] = known end
  return known
end

-- Milliseconds since 1970 → RFC 3339 UTC. Days to a date as in the proleptic Gregorian calendar, with March as first month.
local iso_second, iso_text
local function iso(ms)
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

-- Writing: collected here, done at the end by `store` ----------------------------------------------------------------------

local lines = {}                 -- ledger lines of this call
local first_seq                  -- seq of lines[1]
local changed_items, changed_orders = {}, {}
local new_ids, new_holds, gone_holds = {}, {}, {}
local new_timers, gone_timers, new_debts, gone_debts = {}, {}, {}, {}
local new_shown, gone_shown = {}, {}
local head_changed = {}

local function set_head(field, value)
  head[field] = value
  head_changed[field] = value
end

local function store_pairs(command, key, values, value_first)
  local flat, n = {}, 0
  local function send()
    if n > 0 then redis.call(command, key, unpack(flat, 1, n)) end
    n = 0
  end
  for field, value in pairs(values) do
    flat[n + 1], flat[n + 2] = value_first and value or field, value_first and field or value
    n = n + 2
    if n >= CHUNK then send() end
  end
  send()
end

local function store_gone(command, key, members)
  local flat, n = {}, 0
  for member in pairs(members) do
    n = n + 1
    flat[n] = member
    if n >= CHUNK then redis.call(command, key, unpack(flat, 1, n)); n = 0 end
  end
  if n > 0 then redis.call(command, key, unpack(flat, 1, n)) end
end

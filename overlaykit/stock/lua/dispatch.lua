-- The call itself: load, decide command by command, store.

local WITHOUT_ENTRY = { ['hold.expired'] = true, ['countdown.due'] = true, ['announce.expired'] = true, ['sweep'] = true }

local FINGERPRINT, LINE, COMMAND = 0, 1, 2  -- of the three arguments of a command
local TYPE, ID, ID_JSON, FIELD = 1, 2, 3, 4   -- in its msgpack list; FIELD is the first field of the operation
local exists = read_head()
local commands, ids, order_names = {}, {}, {}
for i = 5, #ARGV, 3 do
  local command = cmsgpack.unpack(ARGV[i + COMMAND])
  commands[#commands + 1] = command
  if command[ID] ~= '' then ids[#ids + 1] = command[ID] end
  if string.sub(command[TYPE], 1, 6) == 'order.' then order_names[#order_names + 1] = command[FIELD] end
end

if not exists then
  if not commands[1] or commands[1][TYPE] ~= 'session.planned' then return { 'none', 0, '' } end
  head = { seq = 0, epoch = '', status = '', frozen = 0 }
elseif (ARGV[1] ~= '' and ARGV[1] ~= head.epoch) or tonumber(ARGV[2]) > head.seq then
  return { 'behind', head.seq, head.epoch }
else
  local last = redis.call('XREVRANGE', LEDGER, '+', '-', 'COUNT', 1)[1]
  if last and last[1] ~= string.format('%d-0', head.seq) then return { 'torn', head.seq, head.epoch } end
end

flags = ARGV[4]
if ARGV[3] == '' then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
else
  now = tonumber(ARGV[3])
end

local known = fetch(IDS_A, ids)
for id, value in pairs(fetch(IDS_B, ids)) do known[id] = value end
for name, packed in pairs(fetch(ORDERS, order_names)) do orders[name] = unpack_order(name, packed) end
for _, name in ipairs(order_names) do orders[name] = orders[name] or false end

local NOTHING = {}
local answers = {}
for i = 1, #commands do
  local command = commands[i]
  local argument = 5 + 3 * (i - 1)
  local id, id_json = command[ID], command[ID_JSON]
  local stored = id ~= '' and known[id]
  if stored then
    local first = string.sub(stored, 17)
    if string.sub(stored, 1, 16) ~= ARGV[argument + FINGERPRINT] then
      answers[i] = '{"id":' .. id_json .. ',"status":"conflict"}'
    else
      answers[i] = '{"id":' .. id_json .. ',"status":"duplicate","first":' .. first .. '}'
    end
  else
    local reason, extra = ops[command[TYPE]](command[4], command[5], command[6], command[7], command[8], command[9])
    if WITHOUT_ENTRY[command[TYPE]] then
      answers[i] = tostring(reason or 0)
    else
      extra = extra or NOTHING
      local seq, more = head.seq + 1, extra.said
      if extra.excess and extra.excess > 0 then more = string.format('"excess":%d', extra.excess) end
      local units = finish(ARGV[argument + LINE], reason, more)
      local answer = answer_text(id_json, seq, reason, units, extra)
      local kept = ARGV[argument + FINGERPRINT] .. answer
      answers[i], known[id], new_ids[id] = answer, kept, kept
    end
  end
end

-- Store.
for sku, item in pairs(changed_items) do
  redis.call('HSET', ITEMS, sku, cmsgpack.pack({ item.sale, item.owed, item.rows, item.frozen }))
end
local packed_orders = {}
for name, order in pairs(changed_orders) do
  packed_orders[name] = cmsgpack.pack({ order.state, order.channel, order.buyer, order.expires, order.lines })
end
store_pairs('HSET', ORDERS, packed_orders)
store_pairs('HSET', head.generation == 'b' and IDS_B or IDS_A, new_ids)
store_pairs('ZADD', HOLDS, new_holds, true)
store_gone('ZREM', HOLDS, gone_holds)
store_pairs('ZADD', TIMERS, new_timers, true)
store_gone('ZREM', TIMERS, gone_timers)
store_pairs('ZADD', DEBTS, new_debts, true)
store_gone('ZREM', DEBTS, gone_debts)
store_pairs('HSET', SHOWN, new_shown)
store_gone('HDEL', SHOWN, gone_shown)
if #lines > 0 then head_changed.seq = string.format('%d', head.seq) end
store_pairs('HSET', HEAD, head_changed)
for i = 1, #lines do
  redis.call('XADD', LEDGER, string.format('%d-0', first_seq + i - 1), 'e', lines[i])
end

local reply = { 'ok', head.seq, head.epoch }
for i, answer in ipairs(answers) do reply[i + 3] = answer end
return reply

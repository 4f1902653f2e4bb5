-- The call itself: load, decide command by command, store.

local WITHOUT_ENTRY = { ['hold.expired'] = true, ['countdown.due'] = true, ['announce.expired'] = true, ['sweep'] = true }

local exists = read_head()
local commands, ids, order_names = {}, {}, {}
for i = 5, #ARGV, 3 do
  local command = cmsgpack.unpack(ARGV[i + 2])
  commands[#commands + 1] = { fingerprint = ARGV[i], line = ARGV[i + 1], type = command[1], id = command[2], id_json = command[3],
    fields = command }
  if command[2] ~= '' then ids[#ids + 1] = command[2] end
  if string.sub(command[1], 1, 6) == 'order.' then order_names[#order_names + 1] = command[4] end
end

if not exists then
  if not commands[1] or commands[1].type ~= 'session.planned' then return { 'none', 0, '' } end
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

local NO_SAYING = {}
local answers = {}
for i, command in ipairs(commands) do
  local stored = command.id ~= '' and known[command.id]
  if stored then
    local first = answer_text(command.id_json, cmsgpack.unpack(string.sub(stored, 17)))
    if string.sub(stored, 1, 16) ~= command.fingerprint then
      answers[i] = '{"id":' .. command.id_json .. ',"status":"conflict"}'
    elseif string.find(flags, 'r', 1, true) then
      answers[i] = first
    else
      answers[i] = '{"id":' .. command.id_json .. ',"status":"duplicate","first":' .. first .. '}'
    end
  else
    local f = command.fields
    local reason, extra = ops[command.type](f[4], f[5], f[6], f[7], f[8], f[9])
    if WITHOUT_ENTRY[command.type] then
      answers[i] = tostring(reason or 0)
    else
      extra = extra or NO_SAYING
      local said = extra.said
      if extra.excess and extra.excess > 0 then said = string.format('"excess":%d', extra.excess) end
      local seq = head.seq + 1
      local changed = finish(command.line, reason, said)
      local outcome = { seq, reason, changed, extra.oversold or NO_SAYING, extra.excess or 0, extra.ends_at or '' }
      answers[i] = answer_text(command.id_json, outcome)
      local kept = command.fingerprint .. cmsgpack.pack(outcome)
      known[command.id], new_ids[command.id] = kept, kept
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
store_pairs('HSET', HEAD, head_changed)
for i, line in ipairs(lines) do
  redis.call('XADD', LEDGER, string.format('%d-0', first_seq + i - 1), 'e', line)
end

local reply = { 'ok', head.seq, head.epoch }
for i, answer in ipairs(answers) do reply[i + 3] = answer end
return reply

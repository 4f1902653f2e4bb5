-- The call itself: load, decide command by command, store.

local commands, answers, known = {}, {}, {}
local times = {}                 -- of each command, where a replay gives several

local load
do
  local ABOUT_ORDERS = { ['order.reserve'] = true, ['order.commit'] = true, ['order.release'] = true, ['order.record'] = true,
                         ['order.ship'] = true, ['order.refund'] = true }
  local WITH_BUYER = { ['order.reserve'] = true, ['order.record'] = true }

  -- What is known before anything is decided. Gives the whole answer when nothing can be.
  load = function()
    local exists, ids, order_names, buyer_names, skus = read_head(), {}, {}, {}, {}
    local counts, values, from = { cmsgpack.unpack(ARGV[5]) }, ARGV[6], 0
    for i = 1, #counts do
      local command = { cmsgpack.unpack_limit(values, counts[i], from) }
      local kind, id = command[TYPE], command[ID]
      from, commands[i] = command[NEXT], command
      if id ~= '' then ids[#ids + 1] = id end
      if ABOUT_ORDERS[kind] then
        order_names[#order_names + 1] = command[FIELDS]
        local buyer = WITH_BUYER[kind] and command[FIELDS + 2] or ''
        if buyer ~= '' then buyer_names[#buyer_names + 1] = buyer end
        local sku = kind == 'order.reserve' and command[FIELDS + 5] or ''     -- of the first line; most orders have one
        if sku ~= '' and stored_items[sku] == nil then
          stored_items[sku] = false
          skus[#skus + 1] = sku
        end
      end
    end
    if not exists then
      if not commands[1] or commands[1][TYPE] ~= 'session.planned' then return { 'none', 0, '' } end
      head = { seq = 0, epoch = '', status = '', frozen = 0 }
    elseif refused_at_gate(ARGV[1], tonumber(ARGV[2]), ARGV[4]) then
      return behind(ARGV[1], tonumber(ARGV[2]))
    else
      local last = redis.call('XREVRANGE', key.ledger, '+', '-', 'COUNT', 1)[1]
      if last and last[1] ~= string.format('%d-0', head.seq) then return { 'torn', head.seq, head.epoch } end
    end
    flags = ARGV[4]
    if ARGV[3] == '' then
      local time = redis.call('TIME')
      now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    else
      for ms in string.gmatch(ARGV[3], '%d+') do times[#times + 1] = tonumber(ms) end
      now = times[1]
    end
    second, step = math.floor(now / 1000), math.floor(now / STEP_MS)
    config = exists and cmsgpack.unpack(redis.call('GET', key.config))
    fetch(head.generation == 'b' and key.ids_b or key.ids_a, ids, known)
    if head.older then fetch(head.generation == 'b' and key.ids_a or key.ids_b, ids, known) end
    if config and config.limited then
      fetch(key.buyers, buyer_names, stored_buyers, false)
    end
    fetch(key.orders, order_names, orders, false)
    fetch(key.items, skus, stored_items)
  end
end

local decide
do
  -- The answer to a command whose id has been used.
  local function answer_again(command, stored, fingerprint)
    if string.sub(stored, 1, 16) ~= fingerprint then
      return fingerprint .. '{"id":' .. command[ID] .. ',"status":"conflict"}'
    end
    return fingerprint .. '{"id":' .. command[ID] .. ',"status":"duplicate","first":' .. string.sub(stored, 17) .. '}'
  end

  -- The plan outlives the id that it came with.
  local function answer_plan_again(command, fingerprint)
    local id_json = command[ID]
    if redis.call('GET', key.plan) ~= command[FIELDS + 2] then return fingerprint .. '{"id":' .. id_json .. ',"status":"conflict"}' end
    return fingerprint .. '{"id":' .. id_json .. ',"status":"duplicate","first":{"id":' .. id_json .. ',"status":"accepted","seq":1}}'
  end

  decide = function(command)
    local id, fingerprint, op = command[ID], command[FINGERPRINT], command[TYPE]
    local stored = id ~= '' and known[id]
    if stored then return answer_again(command, stored, fingerprint) end
    if op == 'session.planned' and head.seq > 0 then return answer_plan_again(command, fingerprint) end
    local reason, extra = ops[op](command, command[FIELDS], command[FIELDS + 1], command[FIELDS + 2], command[FIELDS + 3],
      command[FIELDS + 4], command[FIELDS + 5])
    if id == '' then return tostring(reason or 0) end     -- the clock's own has written what entries it has
    if reason ~= '' and (reason == 'too_many_attempts' or reason == 'fenced') then
      return fingerprint .. '{"id":' .. id .. ',"status":"refused","reason":"' .. reason .. '"}'
    end
    local kept = finish_command(command[LINE], fingerprint, id, reason, extra)
    known[id] = kept
    local n = #new_ids
    new_ids[n + 1], new_ids[n + 2] = id, kept
    return kept
  end
end

local store
do
  -- HSET or ZADD of pairs, many in one command; of a sorted set the value stands first.
  local function store_pairs(command, at_key, values, value_first)
    local flat, n = {}, 0
    for field, value in pairs(values) do
      if value_first then field, value = value, field end
      flat[n + 1], flat[n + 2] = field, value
      n = n + 2
      if n >= CHUNK then redis.call(command, at_key, unpack(flat, 1, n)); n = 0 end
    end
    if n > 0 then redis.call(command, at_key, unpack(flat, 1, n)) end
  end

  local function store_gone(command, at_key, members)
    local flat, n = {}, 0
    for member in pairs(members) do
      n = n + 1
      flat[n] = member
      if n >= CHUNK then redis.call(command, at_key, unpack(flat, 1, n)); n = 0 end
    end
    if n > 0 then redis.call(command, at_key, unpack(flat, 1, n)) end
  end

  -- What stood in rows in the last two hours.
  local function store_history()
    local first = step - HISTORY_MS / STEP_MS
    for field, list in pairs(changed_history) do
      local kept = list
      if list[1] and list[1] < first then
        kept = {}
        for i = 1, #list, 4 do
          if list[i] >= first then
            for j = i, i + 3 do kept[#kept + 1] = list[j] end
          end
        end
      end
      if kept[1] then redis.call('HSET', key.history, field, cmsgpack.pack(kept)) end
    end
  end

  -- A flat list of arguments, many in one command.
  local function store_flat(command, at_key, flat)
    for start = 1, #flat, CHUNK do redis.call(command, at_key, unpack(flat, start, math.min(#flat, start + CHUNK - 1))) end
  end

  local function store_orders()
    local packed, held, freed, n, h = {}, {}, {}, 0, 0
    for i = 1, #changed_orders do
      local order = changed_orders[i]
      packed[n + 1], packed[n + 2] = order.name, pack_order(order)
      n = n + 2
      if order.state == 'held' and order.expires > 0 then
        held[h + 1], held[h + 2] = order.expires, order.name
        h = h + 2
      elseif order.hold and order.hold > 0 then
        freed[#freed + 1] = order.name
      end
    end
    store_flat('HSET', key.orders, fresh_orders)
    store_flat('HSET', key.orders, packed)
    store_flat('ZADD', key.holds, fresh_holds)
    store_flat('ZADD', key.holds, held)
    store_flat('ZREM', key.holds, freed)
  end

  local function store_buyers()
    local packed, gone, n = {}, {}, 0
    for name, buyer in pairs(changed_buyers) do
      local text = pack_buyer(buyer)
      if text then
        packed[n + 1], packed[n + 2] = name, text
        n = n + 2
      else
        gone[#gone + 1] = name
      end
    end
    store_flat('HSET', key.buyers, fresh_buyers)
    store_flat('HSET', key.buyers, packed)
    store_flat('HDEL', key.buyers, gone)
  end

  store = function()
    local packed, n = {}, 0
    for sku, item in pairs(changed_items) do
      packed[n + 1], packed[n + 2] = sku, pack_item(item)
      n = n + 2
    end
    store_flat('HSET', key.items, packed)
    store_orders()
    store_buyers()
    store_history()
    for field, list in pairs(new_links) do redis.call('HSET', key.links, field, cmsgpack.pack(list)) end
    store_flat('HSET', head.generation == 'b' and key.ids_b or key.ids_a, new_ids)
    store_pairs('ZADD', key.timers, timers.new, true)
    store_gone('ZREM', key.timers, timers.gone)
    store_pairs('ZADD', key.queues, waiting.new, true)
    store_gone('ZREM', key.queues, waiting.gone)
    store_pairs('HSET', key.shown, shown.new)
    store_gone('HDEL', key.shown, shown.gone)
    if head_changed.attempts then redis.call('DEL', key.attempts) end   -- another window has begun
    store_pairs('HSET', key.attempts, new_attempts)
    store_pairs('HSET', key.aside, aside.new)
    store_gone('HDEL', key.aside, aside.gone)
    if #lines > 0 then head_changed.seq = digits[head.seq] end
    store_pairs('HSET', key.head, head_changed)
    for i = 1, #afterwards do redis.call(unpack(afterwards[i])) end
    local call, ledger = redis.call, key.ledger
    for i = 1, #lines do call('XADD', ledger, first_seq + i - 1, 'e', lines[i]) end
  end
end

local refused = load()
if refused then return refused end
for i = 1, #commands do
  now = times[i] or now
  answers[i] = decide(commands[i])
end
store()
return { 'ok', head.seq, head.epoch, unpack(answers) }

-- Who may not be decided for: callers that know more than there is, and all but the director while the gate is shut.

-- What a caller of an earlier time is told: where the ledger stands, and how its epoch goes on from earlier ones. What it
-- says to know beyond that is kept, so that the loss can be named: in `claimed` before the store was made whole, in `missed`
-- ("FIRST LAST") afterwards.
local function behind(epoch, seen)
  if epoch == head.epoch and seen > head.seq then
    local claimed = redis.call('HGET', key.head, 'claimed') or ''
    local whose, seq, stood = string.match(claimed, '^(%S+) (%d+) (%d+)$')
    if whose ~= epoch then seq, stood = 0, head.seq end
    if tonumber(seq) < seen then redis.call('HSET', key.head, 'claimed', string.format('%s %d %d', epoch, seen, stood)) end
  end
  local epochs = redis.call('HGET', key.head, 'epochs') or ''
  for name, intact in string.gmatch(epochs, '(%S+) (%d+)') do
    if name == epoch and seen > tonumber(intact) then
      local last = string.match(redis.call('HGET', key.head, 'missed') or '', '^%d+ (%d+)$')
      if tonumber(last or 0) < seen then redis.call('HSET', key.head, 'missed', string.format('%d %d', tonumber(intact) + 1, seen)) end
    end
  end
  return { 'behind', head.seq, head.epoch, epochs }
end

-- Whether a call must not be decided: its caller knows more than there is, or the gate is shut to all but recorded entries
-- at their own seq.
local function refused_at_gate(epoch, seen, with)
  if string.find(with, 'g', 1, true) then return seen >= 0 and seen ~= head.seq end  -- below 0: wherever it stands
  return head.gate or (epoch ~= '' and epoch ~= head.epoch) or seen > head.seq
end

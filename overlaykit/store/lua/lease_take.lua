-- Takes a lease, or renews it for the one who has it.
-- KEYS[1] the lease: string "TOKEN HOLDER", expires by itself
-- KEYS[2] the fencing counter: integer, never expires
-- ARGV[1] holder, unique per process; ARGV[2] time to live in ms
-- returns the fencing token (integer >= 1), or 0 when another holds the lease
local found = redis.call('GET', KEYS[1])
if found then
  local token, holder = string.match(found, '^(%d+) (.*)$')
  if holder ~= ARGV[1] then
    return 0
  end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(token)
end
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], string.format('%d %s', token, ARGV[1]), 'PX', ARGV[2])
return token

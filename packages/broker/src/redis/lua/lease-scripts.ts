/**
 * A lease is two keys: `<fence> <holder>`, which expires, and the last fencing number, which stays. A number is never
 * lower than the time in milliseconds, so that it also grows when Redis lost the last one, or when either key is damaged:
 * nobody can renew a lease that is, so that it is free. One that would never run out is made to.
 */
export const ACQUIRE_SCRIPT = `
local holder, ttl_ms = ARGV[1], ARGV[2]
local function read(key, pattern)
  local value = redis.pcall('GET', key)
  if type(value) == 'string' then return string.match(value, pattern) end
  if type(value) == 'table' and not string.find(value.err, 'WRONGTYPE', 1, true) then redis.call('GET', key) end
  return nil
end
local fence, other = read(KEYS[1], '^(%d+) (.+)$')
if other then
  if other == holder or redis.call('PTTL', KEYS[1]) == -1 then redis.call('PEXPIRE', KEYS[1], ttl_ms) end
  return other == holder and fence
end
-- More digits would not be counted exactly.
local last = read(KEYS[2], '^%d+$')
last = last and #last <= 15 and tonumber(last) or 0
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
fence = string.format('%.0f', math.max(now, last + 1))
redis.call('SET', KEYS[2], fence)
redis.call('SET', KEYS[1], fence .. ' ' .. holder, 'PX', ttl_ms)
return fence
`;

/** Extends a lease that is still held as `<fence> <holder>`. */
export const RENEW_SCRIPT = `
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

export const RELEASE_SCRIPT = `
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

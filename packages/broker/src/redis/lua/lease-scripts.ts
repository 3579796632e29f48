/**
 * A lease is two keys: `<fence> <holder>`, which expires, and the last fencing number, which stays. A number is never
 * lower than the time in milliseconds, so that it also grows when Redis lost the last one.
 */
export const ACQUIRE_SCRIPT = `
local holder, ttl_ms = ARGV[1], ARGV[2]
local held = redis.call('GET', KEYS[1])
if held then
  local fence, other = string.match(held, '^(%d+) (.*)$')
  if other ~= holder then return false end
  redis.call('PEXPIRE', KEYS[1], ttl_ms)
  return fence
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fence = string.format('%.0f', math.max(now, tonumber(redis.call('GET', KEYS[2]) or 0) + 1))
redis.call('SET', KEYS[2], fence)
redis.call('SET', KEYS[1], fence .. ' ' .. holder, 'PX', ttl_ms)
return fence
`;

/** Extends a lease that is still held as `<fence> <holder>`. */
export const RENEW_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

export const RELEASE_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

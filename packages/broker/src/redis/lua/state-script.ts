/**
 * Changes a collection: arguments are the fencing number, the time to live in milliseconds, how many values are set,
 * their keys and values in turn, and the keys to remove. Returns 0 when a higher fencing number wrote before.
 */
export const WRITE_STATE_SCRIPT = `
local values_key, fence_key = KEYS[1], KEYS[2]
local fence, ttl_ms, sets = ARGV[1], ARGV[2], tonumber(ARGV[3])
local highest = redis.call('GET', fence_key)
if highest and tonumber(highest) > tonumber(fence) then return 0 end
redis.call('SET', fence_key, fence, 'PX', ttl_ms)
for index = 4, 2 + 2 * sets, 2 do redis.call('HSET', values_key, ARGV[index], ARGV[index + 1]) end
for index = 4 + 2 * sets, #ARGV do redis.call('HDEL', values_key, ARGV[index]) end
redis.call('PEXPIRE', values_key, ttl_ms)
return 1
`;

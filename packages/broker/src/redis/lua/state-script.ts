/**
 * Changes a collection: arguments are the fencing number, the time to live in milliseconds, how many values are set,
 * their keys and values in turn, and the keys to remove. The fencing number stands among the values as well, without a name. Returns 0 when a higher fencing number wrote before.
 */
export const WRITE_STATE_SCRIPT = `
local values_key, fence_key = KEYS[1], KEYS[2]
local fence, ttl_ms, sets = ARGV[1], ARGV[2], tonumber(ARGV[3])
local highest = redis.pcall('GET', fence_key)
if type(highest) == 'table' and not string.find(highest.err, 'WRONGTYPE', 1, true) then return highest end
-- Where it is damaged or gone, the values know it.
highest = type(highest) == 'string' and tonumber(highest) or tonumber(redis.call('HGET', values_key, '') or '')
if highest and highest > tonumber(fence) then return 0 end
redis.call('SET', fence_key, fence, 'PX', ttl_ms)
redis.call('HSET', values_key, '', fence)
for index = 4, 2 + 2 * sets, 2 do redis.call('HSET', values_key, ARGV[index], ARGV[index + 1]) end
for index = 4 + 2 * sets, #ARGV do redis.call('HDEL', values_key, ARGV[index]) end
redis.call('PEXPIRE', values_key, ttl_ms)
return 1
`;

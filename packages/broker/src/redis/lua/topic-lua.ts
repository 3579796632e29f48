/**
 * Functions that the scripts of a topic share.
 *
 * A topic's meta hash has the fields `e` (epoch), `o` (offset of the newest message), `f` (highest fencing number seen)
 * and `t` (when old messages were removed last). Its stream has one entry for each message kept, with the id `<offset>-0`
 * and the fields `t` (time in milliseconds) and `f` (frame): offsets in it are contiguous and end at `o`.
 */
export const TOPIC_LUA = `
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Opens a topic. It begins a new epoch when the meta hash is gone (a first use, or Redis evicted it), and when the topic
-- stands before a position that the caller saw: then Redis lost its newest messages in a crash or a failover, and their
-- offsets must not be given out again. A stream that is left from before would refuse ids that start anew.
local function open_topic(meta_key, stream_key, new_epoch, known_epoch, known_offset, empty_ttl_ms)
  local meta = redis.call('HMGET', meta_key, 'e', 'o', 'f', 't')
  local epoch, offset = meta[1], tonumber(meta[2] or 0)
  if epoch and not (epoch == known_epoch and offset < tonumber(known_offset)) then
    return epoch, offset, meta[3], tonumber(meta[4] or 0)
  end
  redis.call('DEL', stream_key)
  redis.call('HSET', meta_key, 'e', new_epoch, 'o', 0, 't', 0)
  redis.call('PEXPIRE', meta_key, empty_ttl_ms)
  return new_epoch, 0, meta[3], 0
end

-- Removes what is older than max_age_ms and returns the oldest offset kept; top + 1 when nothing is. Times grow with
-- offsets, so a binary search finds the border.
local function trim(stream_key, top, now, max_age_ms)
  local length = redis.call('XLEN', stream_key)
  local oldest = top - length + 1
  if length == 0 then return oldest end
  local function is_old(offset)
    local entry = redis.call('XRANGE', stream_key, offset .. '-0', offset .. '-0')[1]
    return not entry or tonumber(entry[2][2]) <= now - max_age_ms
  end
  if not is_old(oldest) then return oldest end
  local low, high = oldest + 1, top + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is_old(middle) then low = middle + 1 else high = middle end
  end
  redis.call('XTRIM', stream_key, 'MINID', low .. '-0')
  return low
end
`;

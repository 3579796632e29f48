/**
 * Functions that the scripts of a topic share.
 *
 * A topic's meta hash has the fields `e` (epoch), `o` (offset of the newest message), `c` (its chain), `f` (highest fencing
 * number seen) and `t` (when old messages were removed last). Its stream has one entry for each message kept, with the id
 * `<offset>-0` and the fields `t` (time in milliseconds), `f` (frame) and `c` (chain): offsets in it are contiguous and end at
 * `o`.
 *
 * The chain of a message is a digest of the one before and of the id: two topics that have the same chain at an offset had
 * the same messages in the same order. So a Redis that lost messages is found out even when it gave their offsets to others.
 */
export const TOPIC_LUA = `
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Whether a topic, as it is stored, cannot be the one in which the caller saw a position. What is trimmed cannot be told.
-- One that stands before the position may still become it: a publisher repeats what was not acknowledged, so that a caller
-- may be patient.
local function diverged(stream_key, offset, chain, known_offset, known_chain, patient)
  if offset < known_offset then return patient ~= '1' end
  if known_offset == 0 or known_chain == '' then return false end
  if offset == known_offset then return chain ~= known_chain end
  local entry = redis.call('XRANGE', stream_key, known_offset .. '-0', known_offset .. '-0')[1]
  return entry ~= nil and entry[2][6] ~= known_chain
end

-- Opens a topic. It begins a new epoch when the meta hash is gone (a first use, or Redis evicted it); when the topic does not
-- contain a position that the caller saw, or one that it saw ahead of that, behind a hole: then Redis lost its newest messages
-- in a crash or a failover, and their offsets must not be given out again; and when it stands in one of the epochs that the caller saw end: then this Redis is one that was
-- behind when that happened. A stream that is left from before would refuse ids that start anew.
local function open_topic(
  meta_key, stream_key, new_epoch, known_epoch, known_offset, known_chain, ended_epochs, empty_ttl_ms,
  ahead_offset, ahead_chain, patient)
  local meta = redis.call('HMGET', meta_key, 'e', 'o', 'f', 't', 'c')
  local epoch, offset, chain = meta[1], tonumber(meta[2] or 0), meta[5] or ''
  local function lacks(seen_offset, seen_chain)
    return seen_offset and diverged(stream_key, offset, chain, tonumber(seen_offset), seen_chain, patient)
  end
  if epoch and not string.find(ended_epochs, epoch, 1, true) and not (epoch == known_epoch
    and (lacks(known_offset, known_chain) or lacks(ahead_offset, ahead_chain))) then
    return epoch, offset, chain, meta[3], tonumber(meta[4] or 0)
  end
  redis.call('DEL', stream_key)
  redis.call('HSET', meta_key, 'e', new_epoch, 'o', 0, 't', 0, 'c', '')
  redis.call('PEXPIRE', meta_key, empty_ttl_ms)
  return new_epoch, 0, '', meta[3], 0
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

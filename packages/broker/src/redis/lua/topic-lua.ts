/**
 * Functions that the scripts of a topic share. Each run of a script makes its functions anew, which costs as much as what
 * they do: those that are needed rarely are made where they are needed, inside others.
 *
 * A topic's meta hash has the fields `e` (epoch), `o` (offset of the newest message), `c` (its chain), `f` (highest fencing
 * number seen) and `t` (when old messages were removed last). Its stream has one entry for each message kept, with the id
 * `<offset>-0` and the fields `t` (time in milliseconds), `f` (frame) and `c` (chain): offsets in it are contiguous and end at
 * `o`.
 *
 * Where a publisher has a fencing number, a key beside them has it as well: it outlives a meta hash that is lost.
 *
 * The chain of a message is a digest of the one before and of the id: two topics that have the same chain at an offset had
 * the same messages in the same order. So a Redis that lost messages is found out even when it gave their offsets to others.
 */
export const TOPIC_LUA = `
-- Returns whether there was a meta hash, or what stood in its place.
local function begin_epoch(meta_key, stream_key, epoch, empty_ttl_ms, fence)
  redis.call('DEL', stream_key)
  local existed = redis.call('DEL', meta_key) == 1
  redis.call('HSET', meta_key, 'e', epoch, 'o', 0, 't', 0, 'c', '')
  if fence then redis.call('HSET', meta_key, 'f', fence) end
  redis.call('PEXPIRE', meta_key, empty_ttl_ms)
  return existed
end

-- Opens a topic. It begins a new epoch when the meta hash is gone (a first use, or Redis evicted it); when the topic does not
-- contain a position that the caller saw, or one that it saw ahead of that, behind a hole: then Redis lost its newest messages
-- in a crash or a failover, and their offsets must not be given out again; when it stands in one of the epochs that the caller
-- saw end: then this Redis is one that was behind when that happened; and when the meta hash or the stream is damaged, of
-- another type, or the two contradict each other. A stream that is left from before would refuse ids that start anew.
--
-- Without patience it is opened by a publisher, who finds out whether the stream is well when it adds to it.
--
-- Returns epoch, offset, chain, fence or false, when it was trimmed, and which of both was damaged or nil.
local function open_topic(
  meta_key, stream_key, new_epoch, known_epoch, known_offset, known_chain, ended_epochs, empty_ttl_ms,
  ahead_offset, ahead_chain, patient)
  local meta = redis.pcall('HMGET', meta_key, 'e', 'o', 'f', 't', 'c')
  local epoch, offset, fence, chain = meta[1], meta[2], meta[3], meta[5]
  if not patient and offset == known_offset and epoch == known_epoch and chain == known_chain
    and (ended_epochs == '' or not string.find(ended_epochs, epoch, 1, true)) then
    return epoch, tonumber(offset), chain, fence, tonumber(meta[4]) or 0
  end

  -- Runs a command on a key that may be of another type: nil then.
  local function attempt(...)
    local reply = redis.pcall(...)
    if type(reply) ~= 'table' or not reply.err then return reply end
    if string.find(reply.err, 'WRONGTYPE', 1, true) then return nil end
    return redis.call(...)
  end

  -- Whether a text is a whole number as scripts write it.
  local function is_whole(text, digits)
    return #text <= digits and (text == '0' or string.find(text, '^[1-9]%d*$'))
  end

  -- Whether the fields of the meta hash are such as scripts write. An offset of more digits would not be counted exactly.
  -- What the caller knows is known to be sound.
  local function is_sound()
    return epoch and chain and offset and is_whole(offset, 14) and (not fence or is_whole(fence, 16))
      and epoch ~= '' and (epoch == known_epoch or #epoch <= 64 and string.find(epoch, '^[%w_-]+$'))
      and (chain == known_chain or chain == '' or #chain <= 64 and string.find(chain, '^%x+$'))
      and (offset == '0') == (chain == '')
  end

  -- Whether the stream ends where the topic stands, or before, when its end is gone. Only an attentive caller looks at the
  -- chain.
  local function fits(attentive)
    local top = offset .. '-0'
    local entries = attempt('XRANGE', stream_key, attentive and top or '(' .. top, '+', 'COUNT', 2)
    if not entries then return false end
    for _, entry in ipairs(entries) do
      if entry[1] ~= top or entry[2][6] ~= chain then return false end
    end
    return true
  end

  -- Whether the topic, as it is stored, cannot be the one in which the caller saw a position. What is trimmed cannot be told.
  -- One that stands before the position may still become it: a publisher repeats what was not acknowledged, so that a caller
  -- may be patient.
  local function lacks(seen_offset, seen_chain)
    if not seen_offset then return false end
    local top, seen = tonumber(offset), tonumber(seen_offset)
    if top < seen then return patient ~= '1' end
    if seen == 0 or seen_chain == '' then return false end
    if top == seen then return chain ~= seen_chain end
    local entries = attempt('XRANGE', stream_key, seen_offset .. '-0', seen_offset .. '-0')
    return entries and entries[1] and entries[1][2][6] ~= seen_chain
  end

  local damage = nil
  if meta.err and not attempt('HMGET', meta_key, 'e') or not is_sound() then
    damage = 'meta'
  elseif (patient or epoch ~= known_epoch) and not fits(epoch ~= known_epoch) then
    damage = 'stream'
  elseif not string.find(ended_epochs, epoch, 1, true) and not (epoch == known_epoch
    and (lacks(known_offset, known_chain) or lacks(ahead_offset, ahead_chain))) then
    return epoch, tonumber(offset), chain, fence, tonumber(meta[4]) or 0
  end
  fence = fence and is_whole(fence, 16) and fence
  local existed = begin_epoch(meta_key, stream_key, new_epoch, empty_ttl_ms, fence)
  return new_epoch, 0, '', fence, 0, (damage ~= 'meta' or existed) and damage or nil
end

-- Removes what is older than max_age_ms and returns the oldest offset kept; top + 1 when nothing is. Times grow with
-- offsets, so a binary search finds the border.
local function trim(stream_key, top, now, max_age_ms)
  local length = redis.call('XLEN', stream_key)
  local oldest = math.max(1, top - length + 1)
  if length == 0 then return oldest end
  local function is_old(offset)
    local entry = redis.call('XRANGE', stream_key, offset .. '-0', offset .. '-0')[1]
    return not entry or (tonumber(entry[2][2]) or 0) <= now - max_age_ms
  end
  if not is_old(oldest) then return oldest end
  local low, high = oldest + 1, top + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is_old(middle) then low = middle + 1 else high = middle end
  end
  -- A Redis that takes no writes may still be read.
  redis.pcall('XTRIM', stream_key, 'MINID', low .. '-0')
  return low
end
`;

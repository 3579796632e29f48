import { TOPIC_LUA } from "./topic-lua.ts";

/**
 * Publishes messages to one topic, or finds where they were published before.
 *
 * Old messages are removed once a second at most, and the keys' lives extended with it: reading removes what is too old
 * by itself, so that this only keeps memory small.
 *
 * Keys are those of the topic, its channel, and one for each id; arguments end with head and tail of each frame. Returns
 * `fenced`, or where the topic stands (epoch, offset, chain) and for each message its offset, as a number when it was
 * published and as text `<offset>:<epoch>` when it had been before. What is sent to subscribers is
 * `<epoch>:<offset>:<chain before>:<chain>`, a line feed, and the frame.
 * @param publishCommand `SPUBLISH` on a cluster, where plain `PUBLISH` would go to every node.
 */
export const publishScript = (publishCommand: "PUBLISH" | "SPUBLISH"): string => `${TOPIC_LUA}
local meta_key, stream_key, channel = KEYS[1], KEYS[2], KEYS[3]
local fence, max_messages, max_age_ms, meta_ttl_ms = ARGV[6], ARGV[7], tonumber(ARGV[8]), ARGV[9]

local epoch, top, chain, highest_fence, trimmed_at =
  open_topic(meta_key, stream_key, ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5])
if fence ~= '' then
  if highest_fence and tonumber(highest_fence) > tonumber(fence) then return 'fenced' end
  if highest_fence ~= fence then redis.call('HSET', meta_key, 'f', fence) end
end

local now = now_ms()
local newest = nil
local reply = { epoch, top, chain }
for index = 1, #KEYS - 3 do
  local id_key = KEYS[index + 3]
  local published = redis.call('GET', id_key)
  if published then
    reply[index + 3] = published
  else
    local offset = redis.call('HINCRBY', meta_key, 'o', 1)
    local frame = ARGV[2 * index + 8] .. offset .. ARGV[2 * index + 9]
    local before = chain
    chain = string.sub(redis.sha1hex(before .. ' ' .. id_key), 1, 12)
    redis.call('XADD', stream_key, 'MAXLEN', max_messages, offset .. '-0', 't', now, 'f', frame, 'c', chain)
    redis.call('SET', id_key, offset .. ':' .. epoch, 'PX', max_age_ms)
    redis.call('${publishCommand}', channel, epoch .. ':' .. offset .. ':' .. before .. ':' .. chain .. '\\n' .. frame)
    newest = offset
    reply[index + 3] = offset
  end
end
if newest then
  redis.call('HSET', meta_key, 'c', chain)
  reply[2], reply[3] = newest, chain
end
if newest and math.abs(now - trimmed_at) >= 1000 then
  trim(stream_key, newest, now, max_age_ms)
  redis.call('HSET', meta_key, 't', now)
  redis.call('PEXPIRE', stream_key, max_age_ms + 5000)
  redis.call('PEXPIRE', meta_key, meta_ttl_ms)
end
return reply
`;

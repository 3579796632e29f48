import { TOPIC_LUA } from "./topic-lua.ts";

/**
 * Publishes one message, or finds where it was published before.
 *
 * Old messages are removed once a second at most, and the keys' lives extended with it: reading removes what is too old
 * by itself, so that this only keeps memory small.
 *
 * Returns `n<offset>:<epoch>`, `d<offset>:<epoch>` for a duplicate, or `fenced`. What is sent to subscribers is
 * `<epoch>:<offset>`, a line feed, and the frame.
 * @param publishCommand `SPUBLISH` on a cluster, where plain `PUBLISH` would go to every node.
 */
export const publishScript = (publishCommand: "PUBLISH" | "SPUBLISH"): string => `${TOPIC_LUA}
local meta_key, stream_key, id_key, channel = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local new_epoch, known_epoch, known_offset, empty_ttl_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local fence, head, tail = ARGV[5], ARGV[6], ARGV[7]
local max_messages, max_age_ms, meta_ttl_ms = ARGV[8], tonumber(ARGV[9]), ARGV[10]

local epoch, _, highest_fence, trimmed_at =
  open_topic(meta_key, stream_key, new_epoch, known_epoch, known_offset, empty_ttl_ms)
if fence ~= '' then
  if highest_fence and tonumber(highest_fence) > tonumber(fence) then return 'fenced' end
  if highest_fence ~= fence then redis.call('HSET', meta_key, 'f', fence) end
end
local published = redis.call('GET', id_key)
if published then return 'd' .. published end

local now = now_ms()
local offset = redis.call('HINCRBY', meta_key, 'o', 1)
local frame = head .. offset .. tail
redis.call('XADD', stream_key, 'MAXLEN', max_messages, offset .. '-0', 't', now, 'f', frame)
redis.call('SET', id_key, offset .. ':' .. epoch, 'PX', max_age_ms)
if math.abs(now - trimmed_at) >= 1000 then
  trim(stream_key, offset, now, max_age_ms)
  redis.call('HSET', meta_key, 't', now)
  redis.call('PEXPIRE', stream_key, max_age_ms + 5000)
  redis.call('PEXPIRE', meta_key, meta_ttl_ms)
end
redis.call('${publishCommand}', channel, epoch .. ':' .. offset .. '\\n' .. frame)
return 'n' .. offset .. ':' .. epoch
`;

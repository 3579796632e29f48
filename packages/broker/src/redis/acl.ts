const COMMANDS =
  "+hello +ping +info +client|setname +time +eval +evalsha +get +set +del +pexpire +pttl " +
  "+hget +hset +hdel +hgetall +hmget +hincrby +hexists +hkeys +hlen +hscan " +
  "+sadd +scard +spop +srem +zadd +zrem +zrangebylex +zrangebyscore +xadd +xlen +xrange +xtrim";

/**
 * The rights that suffice for a Redis user of the broker, as they stand in `ACL SETUSER` or an ACL file:
 *
 *     user commcoin on >PASSWORD ~commcoin:* resetchannels &commcoin:* -@all RIGHTS
 *
 * `commcoin:*` follows from the key prefix; with a database other than 0, `+select` is needed as well, and
 * `commcoin/<database>:*` as keys and as channels. The commands that scripts run are checked like any others, so that they have to be in the list. `+info`
 * is what tells a Redis that is still loading its data from one that is ready. Where there are
 * replicas, `+wait` is needed as well, so that what was acknowledged is on one of them.
 */
export const ACL_RIGHTS = `${COMMANDS} +subscribe +unsubscribe +publish`;

/** The same for Redis Cluster: sharded channels, and who holds which slot. */
export const ACL_CLUSTER_RIGHTS = `${COMMANDS} +ssubscribe +sunsubscribe +spublish +cluster|nodes`;

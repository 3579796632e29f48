import { hidingSecrets } from "@commcoin/service/config";

/**
 * Makes a function that takes the secrets of `REDIS_URL` out of what Redis or a library says. A server that does not know a
 * command repeats its arguments, and cuts long ones, so that they are not recognised: they go as a whole.
 */
export function hidingInReplies(url: string): (text: string) => string {
  const hide = hidingSecrets([url]);
  return (text) => hide(text).replace(/,? with args beginning with:.*/s, "");
}

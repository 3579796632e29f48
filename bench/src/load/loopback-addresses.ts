/**
 * Linux gives a socket that binds to an address a free port by trying them one after the other, and begins with a quarter
 * of them: from 7,000 sockets per address on, each new one takes milliseconds. That is longer than a server waits for the
 * requests of the ones before. This few per address stay clear of it, those that linger after a close included.
 */
const SOCKETS_PER_ADDRESS = 1_000;
const OCTETS = 254;

/**
 * Source addresses for load: all of 127.0.0.0/8 is this machine.
 * @param seed differs between processes that run at the same time or shortly after each other.
 * @returns a function that gives the address of the next socket.
 */
export function createLoopbackAddresses(seed: number): () => string {
  let used = 0;
  return () => {
    const block = Math.floor(used / SOCKETS_PER_ADDRESS);
    used += 1;
    return `127.${1 + (seed % OCTETS)}.${1 + (Math.floor(block / OCTETS) % OCTETS)}.${1 + (block % OCTETS)}`;
  };
}

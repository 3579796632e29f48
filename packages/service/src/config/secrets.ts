import { readRedisAddress } from "./redis-address.ts";

/** What is shorter may stand in any sentence by chance. */
const MIN_LENGTH = 4;
/** Parts of a path that are keys: long, or with a digit in them. */
const KEY = /^(?=.*\d).{8,}$|^.{20,}$/;
const CENSORED = "[secret]";

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function secretsOfUrl(text: string): readonly string[] {
  if (!URL.canParse(text)) return [];
  const { username, password, pathname, searchParams, search } = new URL(text);
  return [
    username,
    password,
    search.slice(1),
    ...searchParams.values(),
    ...pathname.split("/").filter((part) => KEY.test(part)),
  ];
}

function secretsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(secretsOf);
  if (typeof value !== "string" || !value.includes("://")) return [];
  if (!value.startsWith("redis")) return secretsOfUrl(value);
  try {
    return [readRedisAddress(value).password ?? ""];
  } catch {
    return [];
  }
}

/**
 * Makes a function that takes out of a text what is secret in addresses: user, password, and what may be a key in path or
 * query, however they are written there. For what others say, a library or a server that repeats what it was sent.
 * @param values those of a configuration; what is no address has no secret.
 */
export function hidingSecrets(values: readonly unknown[]): (text: string) => string {
  const forms = values
    .flatMap(secretsOf)
    .flatMap((secret) => [secret, decoded(secret)])
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  const secrets = [...new Set(forms)]
    .filter(({ length }) => length >= MIN_LENGTH)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, CENSORED), text);
}

import { z } from "zod";
import { wordsOf } from "./check.ts";
import { readText } from "./read-text.ts";

/** What came of one JSON-RPC call. */
export type NodeAnswer =
  | { readonly kind: "result"; readonly result: unknown }
  /** The node was reached, and refused. `code` of JSON-RPC or HTTP. */
  | {
      readonly kind: "refused";
      readonly code: number;
      readonly message: string;
      readonly retryAfter: string | null;
    }
  | { readonly kind: "unreachable"; readonly message: string };

const CALL_MS = 4_000;

const rpcAnswer = z.union([
  z.object({ error: z.object({ code: z.coerce.number(), message: z.string().default("") }) }),
  z.object({ result: z.unknown() }).refine((answer) => "result" in answer),
]);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const strip = (text: string): string =>
  text
    .replaceAll(/<[^<>]*>/g, " ")
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, 120);

/** User and password of a URL go into a header: `fetch` refuses them. */
function target(url: string): { readonly url: URL; readonly headers: Readonly<Record<string, string>> } {
  const to = new URL(url);
  const { username, password } = to;
  if (username === "" && password === "") return { url: to, headers: {} };
  to.username = "";
  to.password = "";
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url: to, headers: { authorization: `Basic ${Buffer.from(login).toString("base64")}` } };
}

/** Calls a method of a node. Ends within 4 s, and never rejects. */
export async function askNode(
  node: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<NodeAnswer> {
  try {
    const { url, headers } = target(node);
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await readText(response);
    const retryAfter = response.headers.get("retry-after");
    const answer = rpcAnswer.safeParse(parse(text));
    if (answer.success && "error" in answer.data)
      return { kind: "refused", ...answer.data.error, retryAfter };
    if (!response.ok)
      return {
        kind: "refused",
        code: response.status,
        message: `HTTP ${response.status} ${strip(text)}`,
        retryAfter,
      };
    if (answer.success && "result" in answer.data) return { kind: "result", result: answer.data.result };
    return { kind: "refused", code: response.status, message: `no JSON-RPC: ${strip(text)}`, retryAfter };
  } catch (reason) {
    const isLate = reason instanceof Error && reason.name === "TimeoutError";
    return {
      kind: "unreachable",
      message: isLate ? `no answer to ${method} within ${CALL_MS / 1_000} s` : wordsOf(reason),
    };
  }
}

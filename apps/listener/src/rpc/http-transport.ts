import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { urlToHttpOptions } from "node:url";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR, SolanaError, type RpcTransport } from "@solana/kit";

const unzip = promisify(gunzip);
/** Several times the largest block there was. */
const MAX_ANSWER_BYTES = 134_217_728;

/** A URL's credentials travel as a header. */
export function splitCredentials(url: string): {
  readonly url: URL;
  readonly headers: Record<string, string>;
} {
  const parsed = new URL(url);
  if (parsed.username === "" && parsed.password === "") return { url: parsed, headers: {} };
  const credentials = `${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`;
  parsed.username = "";
  parsed.password = "";
  return {
    url: parsed,
    headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
  };
}

const readBytes = (response: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MAX_ANSWER_BYTES) {
        response.destroy(new Error(`The node's answer has more than ${MAX_ANSWER_BYTES} bytes.`));
      }
    });
    response.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    response.on("error", reject);
  });

async function readText(response: IncomingMessage): Promise<string> {
  const body = await readBytes(response);
  if (response.headers["content-encoding"] !== "gzip") return body.toString();
  return (await unzip(body, { maxOutputLength: MAX_ANSWER_BYTES })).toString();
}

/** As kit's own transport throws it. */
function httpError({ statusCode = 0, statusMessage = "", headers }: IncomingMessage): SolanaError {
  const copied = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value ?? []].flat()) copied.append(name, one);
  }
  return new SolanaError(SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR, {
    headers: copied,
    message: statusMessage,
    statusCode,
  });
}

/**
 * JSON over HTTP, as kit's transport does it, at a third of its cost: kit's goes through `fetch`, whose streams cost more
 * than parsing a transaction, and its default for Solana scans every response character by character to keep integers
 * beyond 2^53. No field that the listener reads is as large; token amounts are strings. Connections are kept and used again.
 */
export function createPlainHttpTransport(address: string): RpcTransport {
  const { url, headers } = splitCredentials(address);
  const secure = url.protocol === "https:";
  const request = secure ? requestHttps : requestHttp;
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const always = {
    ...urlToHttpOptions(url),
    method: "POST",
    agent,
  };
  const alwaysSaid = {
    ...headers,
    accept: "application/json",
    "accept-encoding": "gzip",
    "content-type": "application/json; charset=utf-8",
  };

  return <Response>({ payload, signal }: Parameters<RpcTransport>[0]) => {
    const body = Buffer.from(JSON.stringify(payload));
    return new Promise<Response>((resolve, reject) => {
      const sent = request({ ...always, headers: { ...alwaysSaid, "content-length": body.length } });
      const onAbort = (): void => void sent.destroy(signal?.reason as Error);
      const settled = (): void => signal?.removeEventListener("abort", onAbort);
      const fail = (error: unknown): void => {
        settled();
        reject(signal?.aborted === true ? (signal.reason as Error) : (error as Error));
      };
      const succeed = (response: Response): void => {
        settled();
        resolve(response);
      };
      // `request` takes a signal too, and then watches its own stream for it, which costs more than this.
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener("abort", onAbort);
      sent.on("error", fail);
      sent.on("response", (response) => {
        const { statusCode = 0 } = response;
        const answered = readText(response);
        if (statusCode >= 200 && statusCode < 300) {
          answered.then((text) => succeed(JSON.parse(text) as Response)).catch(fail);
        } else {
          // The connection can be used again once the answer was read.
          answered.catch(() => {});
          fail(httpError(response));
        }
      });
      sent.end(body);
    });
  };
}

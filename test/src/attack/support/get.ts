import { request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly withinMs?: number;
}

const PATIENCE_MS = 5_000;

/** One HTTP request on a connection of its own, which leaves no socket behind. @throws when no answer comes in time. */
export const get = (
  port: number,
  path: string,
  { method = "GET", headers = {}, body, withinMs = PATIENCE_MS }: Ask = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => {
        clearTimeout(timer);
        resolve({ status: answer.statusCode ?? 0, body: text });
      });
      answer.on("error", reject);
    });
    const timer = setTimeout(() => {
      asked.destroy(new Error(`${method} ${path} was not answered within ${withinMs} ms.`));
    }, withinMs);
    asked.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asked.end(body);
  });

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands in for a node whose chain lost some slots after it had confirmed them. */
export interface ForkingRpc {
  readonly url: string;
  /** Slots that are not on the final chain. */
  readonly lostSlots: Set<number>;
  /** Signatures that were in them. */
  readonly lostSignatures: Set<string>;
  close(): Promise<void>;
}

interface Call {
  readonly method: string;
  readonly params: readonly [readonly string[], ...unknown[]];
}

export async function startForkingRpc(target: string): Promise<ForkingRpc> {
  const lostSlots = new Set<number>();
  const lostSignatures = new Set<string>();
  const change = ({ method, params }: Call, answer: Record<string, unknown>): unknown => {
    if (method === "getBlocks") {
      const slots = answer["result"] as readonly number[];
      return { ...answer, result: slots.filter((slot) => !lostSlots.has(slot)) };
    }
    if (method === "getSignatureStatuses") {
      const result = answer["result"] as { readonly value: readonly unknown[] };
      const value = result.value.map((status, at) =>
        lostSignatures.has(params[0][at] ?? "") ? null : status,
      );
      return { ...answer, result: { ...result, value } };
    }
    return answer;
  };
  const server = createServer((request, response) => {
    const forward = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString("utf8");
      const headers = { "content-type": "application/json" };
      const answer = await fetch(target, { method: "POST", headers, body });
      const json = (await answer.json()) as Record<string, unknown>;
      response.writeHead(answer.status, headers);
      response.end(JSON.stringify(change(JSON.parse(body) as Call, json)));
    };
    forward().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lostSlots,
    lostSignatures,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import type { NodesAttack } from "../attack.ts";
import { behaveFor } from "./behave-for.ts";

const LASTS_MS = 6_000;
const HUGE = "18446744073709551615";

/** Acknowledgements with ids of every kind: as JSON texts, since some cannot be written otherwise. */
const ACKNOWLEDGEMENTS: readonly ((id: unknown) => string)[] = [
  (id) => `{"jsonrpc":"2.0","result":${HUGE},"id":${JSON.stringify(id)}}`,
  (id) => `{"jsonrpc":"2.0","result":"${HUGE}","id":${JSON.stringify(id)}}`,
  (id) => `{"jsonrpc":"2.0","result":23,"id":"${String(id)}"}`,
  () => '{"jsonrpc":"2.0","result":24,"id":null}',
  () => '{"jsonrpc":"2.0","result":25}',
  () => '{"jsonrpc":"2.0","result":26,"id":{"of":"another kind"}}',
  () => `{"jsonrpc":"2.0","result":27,"id":${HUGE}}`,
  (id) => `{"jsonrpc":"2.0","result":-1.5,"id":${JSON.stringify(id)}}`,
  (id) => `{"jsonrpc":"2.0","result":null,"id":${JSON.stringify(id)}}`,
  (id) => `{"jsonrpc":"2.0","id":${JSON.stringify(id)}}`,
  (id) => `[{"jsonrpc":"2.0","result":28,"id":${JSON.stringify(id)}}]`,
];

const notifications = (id: string): readonly string[] => [
  `{"jsonrpc":"2.0","method":"slotNotification","params":{"subscription":${id},"result":{"slot":1,"parent":0,"root":0}}}`,
  `{"jsonrpc":"2.0","method":"slotNotification","params":{"subscription":${id},"result":null}}`,
  `{"jsonrpc":"2.0","method":"logsNotification","params":{"subscription":${id},"result":{"context":{"slot":"x"},"value":{}}}}`,
  `{"jsonrpc":"2.0","method":"logsNotification","params":{"subscription":${id}}}`,
  `{"jsonrpc":"2.0","method":"logsNotification","params":null}`,
  `{"jsonrpc":"2.0","method":7,"params":[${id}]}`,
];

/** Subscriptions are acknowledged under ids that are wrong, missing, or larger than a number; notifications follow. */
export const oddIds: NodesAttack = {
  name: "nodes/odd-ids",
  scene: "nodes",
  on: "listener",
  async strike(scene, size) {
    let tries = 0;
    await behaveFor(scene, size.ms(LASTS_MS), {
      websocket({ socket }, { id, method }) {
        if (method?.endsWith("Subscribe") !== true) return false;
        socket.send(ACKNOWLEDGEMENTS[tries % ACKNOWLEDGEMENTS.length]?.(id) ?? "");
        for (const text of [
          ...notifications(HUGE),
          ...notifications(`"${HUGE}"`),
          ...notifications("null"),
        ]) {
          socket.send(text);
        }
        tries += 1;
        return true;
      },
    });
    return { tries, what: `${ACKNOWLEDGEMENTS.length} kinds of acknowledgements` };
  },
};

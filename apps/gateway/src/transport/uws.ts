import type { ListenOptions, us_listen_socket } from "uWebSockets.js";
import { loadNativeModule } from "./native-module.ts";
import { portTaken } from "./port-taken.ts";
import { serveRequests } from "./requests.ts";
import type { Transport, TransportOptions } from "./socket.ts";
import { utf8 } from "./uws-socket.ts";
import { serveWebSockets } from "./websockets.ts";

/**
 * HTTP and WebSocket server on uWebSockets.js, with the methods that both its official build and the build from npm
 * have. `/ws` takes WebSockets; everything else is answered by `request`.
 * @throws {StartError} when the native module cannot be loaded.
 */
export function createUwsTransport(options: TransportOptions): Transport {
  const native = loadNativeModule();
  // The type says that it is an enum; it is a constant of the module, in both builds.
  const { LIBUS_LISTEN_EXCLUSIVE_PORT } = native as unknown as Readonly<
    Record<"LIBUS_LISTEN_EXCLUSIVE_PORT", ListenOptions>
  >;
  const app = native.App();
  let listenSocket: us_listen_socket | null = null;

  return {
    get port() {
      return listenSocket === null ? 0 : native.us_socket_local_port(listenSocket);
    },
    async listen(handlers) {
      serveWebSockets(app, native, options, handlers);
      serveRequests(app, (request) => handlers.request(request));
      const { port, sharedPort } = options;
      const socket = await new Promise<us_listen_socket | false>((resolve) => {
        // By default the system lets several processes listen on one port, and deals the connections out to them.
        if (sharedPort) app.listen(port, resolve);
        else app.listen(port, LIBUS_LISTEN_EXCLUSIVE_PORT, resolve);
      });
      if (socket === false) throw portTaken(port);
      listenSocket = socket;
    },
    publish(topic, frame) {
      app.publish(utf8(topic), typeof frame === "string" ? utf8(frame) : frame, false);
    },
    close() {
      if (listenSocket !== null) native.us_listen_socket_close(listenSocket);
      listenSocket = null;
    },
  };
}

import { pongFrame } from "../frames/write-frames.ts";
import type { Handler } from "./handler.ts";

export const handlePing: Handler<"ping"> = (_, { socket }, { id }) => socket.send(pongFrame(id, {}));

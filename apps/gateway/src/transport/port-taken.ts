import { StartError } from "@commcoin/service/lifecycle";

export const portTaken = (port: number): StartError =>
  new StartError(`Port ${port} is taken or not permitted. Free it, or set WEBSOCKET_PORT to another one.`);

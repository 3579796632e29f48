import { createRequire } from "node:module";
import { StartError } from "@commcoin/service/lifecycle";
import type * as uws from "uWebSockets.js";

export type UwsModule = typeof uws;

/** Functions of a native module have no JavaScript source. The fallback of the npm build has. */
export const isNative = (module: Pick<UwsModule, "App">): boolean =>
  /\[native code\]/.test(Function.prototype.toString.call(module.App));

const load = (): UwsModule => createRequire(import.meta.url)("uWebSockets.js") as UwsModule;

/**
 * Loads uWebSockets.js. The npm build replaces a native binary that is missing by JavaScript, with nothing but a line
 * on the console; the official build throws. Neither may go unnoticed: the fallback is many times slower and behaves
 * differently.
 * @throws {StartError} when the native binary cannot run here.
 */
export function loadNativeModule(loadModule: () => UwsModule = load): UwsModule {
  const here = `Node ${process.versions.node} (ABI ${process.versions.modules}) on ${process.platform} ${process.arch}`;
  const advice =
    "The build on npm is for Node 20, the official release for Node 20, 22 and 24 and on Linux for glibc 2.38 or later: " +
    "choose the one for this machine as docs/deployment.md says, and run it without UWS_USE_FALLBACK.";
  let module: UwsModule;
  try {
    module = loadModule();
  } catch (cause) {
    throw new StartError(`uWebSockets.js could not be loaded on ${here}. ${advice}`, { cause });
  }
  if (!isNative(module)) {
    throw new StartError(
      `uWebSockets.js has no native binary for ${here} and fell back to JavaScript. ${advice}`,
    );
  }
  return module;
}

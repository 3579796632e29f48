import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Beside the built service, and where the build puts it as seen from the sources. */
const PLACES = ["ui/", "../../dist/ui/"];

/** Where the built pages of the dashboard are; null where they were not built, as in development. */
export function findUiFolder(): string | null {
  const folders = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return folders.find((folder) => existsSync(`${folder}index.html`)) ?? null;
}

import packageJson from "../../package.json" with { type: "json" };

/** The release that this code is of, `MAJOR.MINOR.PATCH`: the same for all services, packages and documents. */
export const VERSION: string = packageJson.version;

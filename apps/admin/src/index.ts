export { createAdmin, type Admin, type AdminOptions } from "./admin.ts";
export { adminConfig, adminVariables, type AdminConfig } from "./config.ts";

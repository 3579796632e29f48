import type { defineConfig } from "tsup";

type Build = ReturnType<typeof defineConfig>;

export declare const packageBuild: (entry: string[]) => Build;
export declare const appBuild: (entry: string[] | Record<string, string>) => Build;
export declare const serviceBuild: (entry: string[] | Record<string, string>) => Build;

import { describe, expect, it } from "vitest";
import { runProgram } from "./program.ts";
import { duration, table } from "./table.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

async function run(args: readonly string[], env: Record<string, string> = {}) {
  let out = "";
  let err = "";
  const code = await runProgram(
    {
      env,
      write: (text) => (out += text),
      warn: (text) => (err += text),
      signal: new AbortController().signal,
    },
    args,
  );
  return { code, out, err };
}

describe("commcoin token", () => {
  it("makes a token that it finds good again", async () => {
    const env = { AUTH_JWT_SECRET: SECRET };
    const made = await run(
      ["token", "create", "--user", "auth0|5f7c8e", "--expires", "15m", "--topics", "a,b"],
      env,
    );
    expect(made).toMatchObject({ code: 0, err: "" });
    const read = await run(["token", "inspect", made.out.trim()], env);
    expect(read.code).toBe(0);
    expect(read.out).toMatch(/^user {7}auth0\|5f7c8e$/m);
    expect(read.out).toMatch(/^signature {2}good$/m);
    expect(read.out).toContain('"topics":["a","b"]');
  });

  it("says that another secret signed it, with exit code 1", async () => {
    const made = await run(["token", "create", "--user", "ann"], { AUTH_JWT_SECRET: SECRET });
    const read = await run(["token", "inspect", made.out.trim()], { AUTH_JWT_SECRET: `${SECRET}x` });
    expect(read).toMatchObject({ code: 1, err: expect.stringContaining("refuses the token") as string });
    expect(read.out).toContain("signature verification failed");
    expect(await run(["token", "inspect", made.out.trim()])).toMatchObject({
      code: 0,
      out: expect.stringContaining("not checked") as string,
    });
  });

  it.each([
    [["token", "create", "--user", "ann"], {}, 1, "AUTH_JWT_SECRET must hold"],
    [
      ["token", "create", "--user", "ann", "--expires", "soon"],
      { AUTH_JWT_SECRET: SECRET },
      1,
      "--expires: 30s",
    ],
    [["token", "inspect", "abc"], {}, 1, "That is no token"],
    [["token", "create"], {}, 2, "--user"],
  ])("refuses %j", async (args, env, code, text) => {
    const result = await run(args, env);
    expect(result.code).toBe(code);
    expect(result.err).toContain(text);
  });
});

describe("commcoin", () => {
  it.each([
    [["publish", "--title", "Hello"], 1, "--all, --topic, --user, --server"],
    [["publish", "--all", "--topic", "x", "--title", "Hello"], 1, "exactly one of"],
    [["publish", "--all"], 1, "Say what to publish"],
    [["publish", "--all", "--data", "{"], 1, "--data is not JSON"],
    [["publish", "--all", "--data", "@/nowhere.json"], 1, "there is no file /nowhere.json"],
    [["disconnect"], 1, "Say whom to disconnect"],
    [["connections", "--limit", "0"], 2, "A whole number"],
    [["conections"], 2, "Did you mean connections?"],
    [["tail", "Not A Topic"], 1, "topic"],
    [["doctor", "--admin", "admin:8081"], 2, "An address such as http://host:port"],
    [["doctor", "--gateway", "http://localhost:8080"], 2, "An address such as ws://host:port"],
    [["doctor", "--services", "gateway,redis"], 2, "Among listener, gateway, admin"],
  ])("refuses %j and says why", async (args, code, text) => {
    const result = await run(args);
    expect(result.code).toBe(code);
    expect(result.err).toContain(text);
  });

  it("says where it looked for an admin service that is not there", async () => {
    const result = await run(["servers"], { COMMCOIN_ADMIN_URL: "http://127.0.0.1:1" });
    expect(result).toMatchObject({ code: 1, out: "" });
    expect(result.err).toContain("The admin service at http://127.0.0.1:1 does not answer");
  });

  it("helps with exit code 0", async () => {
    const result = await run(["--help"]);
    expect(result.code).toBe(0);
    expect(result.out).toContain("tail [options] <topic...>");
  });
});

describe("table", () => {
  it("lines up what it shows", () => {
    expect(
      table(
        ["a", "long"],
        [
          ["xyz", 1],
          [null, "b"],
        ],
      ),
    ).toBe("a    long\nxyz  1\n–    b\n");
    expect(table(["a"], [])).toBe("None.\n");
  });

  it.each([
    [0, "0 s"],
    [59_000, "59 s"],
    [3_599_000, "59 min"],
    [3_660_000, "1 h 1 min"],
    [90_000_000, "1 d 1 h"],
  ])("says %i ms as %s", (milliseconds, text) => expect(duration(milliseconds)).toBe(text));
});

// A back end: it knows who is signed in, mints tokens for them, sends them notifications, and serves the plain page.
// ADMIN_TOKEN=… node server.mjs, then open http://localhost:3000
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { SignJWT } from "jose";

const {
  PORT = "3000",
  GATEWAY_URL = "ws://localhost:8080/ws",
  ADMIN_URL = "http://localhost:8081",
  /** As the admin service has it. */
  ADMIN_TOKEN = "",
  /** As the gateways have it, when they run with AUTH_MODE=jwt. */
  AUTH_JWT_SECRET = "",
} = process.env;
const MAX_BODY_BYTES = 4_096;

/** Here you would look at the session of the request. */
const signedIn = () => "ann";

/** Good for ten minutes; the page asks for the next one in time. */
const mint = (user) =>
  new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setExpirationTime("10m")
    .sign(new TextEncoder().encode(AUTH_JWT_SECRET));

/** Reaches every connection of the user, on whichever gateway it is, and those that come back in the next minutes. */
const notify = (user, title, message) =>
  fetch(`${ADMIN_URL}/api/ws/broadcast`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({
      type: "Notification",
      data: { user_id: user, title, message, notification_type: "info" },
      target: { user_id: user },
    }),
  });

async function readBody(request) {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MAX_BODY_BYTES) throw new RangeError("The body is too large.");
  }
  return JSON.parse(text);
}

const file = async (url, type) => ({ type, body: await readFile(url) });

async function answer(request) {
  const { pathname } = new URL(request.url, "http://localhost");
  const [, script] = /^\/client\/([\w.-]+\.js)$/.exec(pathname) ?? [];
  if (script) return file(new URL(script, import.meta.resolve("@commcoin/client")), "text/javascript");
  switch (`${request.method} ${pathname}`) {
    case "GET /":
      return file(new URL("../browser/index.html", import.meta.url), "text/html; charset=utf-8");
    case "GET /session":
      return {
        type: "application/json",
        body: JSON.stringify({ gateway: GATEWAY_URL, user: signedIn(), tokens: AUTH_JWT_SECRET !== "" }),
      };
    case "GET /token":
      return { body: await mint(signedIn()) };
    case "POST /notify": {
      // What a page of another origin may send without being asked first is no JSON.
      if (request.headers["content-type"] !== "application/json") return { status: 415 };
      const { title, message } = await readBody(request);
      const sent = await notify(signedIn(), title, message);
      return { status: sent.status, type: "application/json", body: await sent.text() };
    }
    default:
      return { status: 404 };
  }
}

async function respond(request, response) {
  try {
    const { status = 200, type = "text/plain", body = "" } = await answer(request);
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end("It failed; the output of the server says why.");
  }
}

createServer((request, response) => void respond(request, response)).listen(
  Number(PORT),
  "127.0.0.1",
  function listening() {
    console.log(`http://localhost:${this.address().port}`);
  },
);

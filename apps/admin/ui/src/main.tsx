import { render } from "preact";
import { App } from "./app.tsx";
import { keepFocus } from "./keep-focus.ts";
import { connectLive } from "./live/live.ts";
import "./styles.css";

connectLive();
const place = document.querySelector("#app");
if (place !== null) render(<App />, place);
const main = document.querySelector("main");
if (main !== null) keepFocus(main);

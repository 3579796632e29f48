import { render } from "preact";
import { App } from "./app.tsx";
import { connectLive } from "./live/live.ts";
import "./styles.css";

connectLive();
const place = document.querySelector("#app");
if (place !== null) render(<App />, place);

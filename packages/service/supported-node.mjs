// What is started imports this first: modules behind it may fail on another Node, in words that say nothing. Plain
// JavaScript, because scripts that build need it before anything is built. `engines` of the root says the same.
const OLDEST_MINORS = { 20: 19, 22: 12, 24: 0 };

const [major, minor] = process.versions.node.split(".").map(Number);
if (!(minor >= OLDEST_MINORS[major])) {
  process.stderr.write(
    "Community Coin Realtime runs on Node 20 (20.19 or later), 22 (22.12 or later) and 24; " +
      `this is Node ${process.versions.node}. Install one of them, 24 by preference, and start again.\n`,
  );
  process.exit(1);
}

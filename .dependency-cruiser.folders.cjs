/**
 * Which folders may import which, without tests: they reach across. A folder that stands on its own is not in a circle with
 * another, and what puts folders together stands above all of them.
 */
const { options } = require("./.dependency-cruiser.cjs");

/** Apps and packages whose folders are free of circles. */
const UNTIED = ["apps/gateway", "apps/listener"];
const sources = `^(?:${UNTIED.join("|")})/src`;

module.exports = {
  forbidden: [
    {
      name: "no-circular-folders",
      severity: "error",
      scope: "folder",
      comment: "Shapes that two folders share are a third one's, below both.",
      from: { path: sources },
      to: { circular: true },
    },
    {
      name: "folders-know-no-root-file",
      severity: "error",
      comment: "The files beside the folders put them together.",
      from: { path: `(${sources})/[^/]+/` },
      to: { path: "^$1/[^/]+$" },
    },
  ],
  options: { ...options, exclude: { path: `${options.exclude.path}|\\.test\\.ts$|/testing/` } },
};

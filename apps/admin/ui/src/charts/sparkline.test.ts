import { expect, it } from "vitest";
import { sparklinePoints } from "./sparkline.tsx";

it.each([
  [[1, 3, 2], "2.0,22.0 48.0,2.0 94.0,12.0"],
  [[5, 5], "2.0,12.0 94.0,12.0"],
  [[0.00000003, 0.00000004], "2.0,22.0 94.0,2.0"],
])("%j fill the area", (values, points) => {
  expect(sparklinePoints(values)).toBe(points);
});

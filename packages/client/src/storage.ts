export { keepPositions, webStorage, type PositionKeeper, type PositionStorage } from "./kept-positions.ts";

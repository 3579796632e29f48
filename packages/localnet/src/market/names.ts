import type { Random } from "../random.ts";

/** How a coin calls itself. */
export interface CoinIdentity {
  readonly name: string;
  readonly symbol: string;
  readonly uri: string;
}

const ADJECTIVES =
  "Amber Brave Calm Cosmic Daring Dizzy Electric Fluffy Gentle Golden Happy Humble Jolly Kind Lucky Lunar Mellow Merry Mighty Misty Noble Patient Peachy Polite Quiet Radiant Rusty Silver Sleepy Solar Sparkling Sunny Swift Tidy Velvet Wandering Wild Witty Wooden Zesty".split(
    " ",
  );
const NOUNS =
  "Acorn Badger Beacon Biscuit Capybara Clover Comet Dolphin Dumpling Ember Falcon Fern Fox Garden Glacier Hedgehog Heron Kettle Koala Lantern Lemur Llama Mango Maple Meadow Moose Narwhal Noodle Octopus Otter Panda Pebble Penguin Pickle Puffin Quokka Raccoon River Rocket Salmon Sparrow Teapot Tiger Tortoise Tulip Turnip Walrus Waffle Whale Yak".split(
    " ",
  );

/** Metaplex allows ten bytes. */
const SYMBOL_CHARACTERS = 10;

/** An invented name; two coins may share one, as they do on chain. */
export const inventIdentity = (random: Random): CoinIdentity => {
  const adjective = random.pick(ADJECTIVES);
  const noun = random.pick(NOUNS);
  const symbol = random.chance(0.5) ? noun : `${adjective.slice(0, 1)}${noun}`;
  return {
    name: `${adjective} ${noun}`,
    symbol: symbol.toUpperCase().slice(0, SYMBOL_CHARACTERS),
    uri: `https://coins.example/${adjective}-${noun}.json`.toLowerCase(),
  };
};

import type { Colour } from '../picture/draw-background.ts';
import type { Random } from '../random/random.ts';

/** Colours and style of a face; its lines are in {@link FaceShape}. */
export interface FaceLook {
  readonly skin: Colour;
  readonly lips: Colour;
  readonly hair: Colour;
  readonly iris: Colour;
  readonly clothes: Colour;
  /** How far down the hair at the sides hangs, in face units; below the crown it is a cropped head. */
  readonly hairLength: number;
  readonly hairVolume: number;
  /** Height of the hairline over the forehead's middle, and how much it drops to the sides. */
  readonly hairline: number;
  readonly hairlineDrop: number;
  readonly beard: number;
  readonly glasses: boolean;
  /** Where the light comes from, -1 (left) to 1. */
  readonly light: number;
  readonly noiseSeed: number;
}

const skins: readonly Colour[] = [
  [246, 210, 188],
  [235, 190, 160],
  [224, 172, 138],
  [200, 148, 112],
  [172, 118, 84],
  [136, 90, 62],
  [104, 68, 48],
];
const hairs: readonly Colour[] = [
  [28, 22, 20],
  [52, 34, 24],
  [92, 58, 34],
  [140, 92, 50],
  [196, 156, 96],
  [150, 70, 36],
  [176, 172, 168],
];
const irises: readonly Colour[] = [
  [74, 46, 28],
  [96, 70, 38],
  [88, 112, 72],
  [92, 126, 156],
];

/** Draws a look; the same stream of numbers gives the same one. */
export function randomLook(random: Random): FaceLook {
  const skin = random.pick(skins);
  const long = random.below(2) === 0;
  return {
    skin,
    lips: [skin[0] * 0.82 + 18, skin[1] * 0.58, skin[2] * 0.6 + 6],
    hair: random.pick(hairs),
    iris: random.pick(irises),
    clothes: [random.between(20, 225), random.between(20, 225), random.between(20, 225)],
    hairLength: long ? random.between(1.3, 2.6) : random.between(-0.1, 0.35),
    hairVolume: long ? random.between(1.16, 1.28) : random.between(1.04, 1.14),
    hairline: random.between(-0.92, -0.7),
    hairlineDrop: random.between(0.25, 0.65),
    beard: long ? 0 : Math.max(0, random.between(-0.7, 0.75)),
    glasses: random.below(4) === 0,
    light: random.between(-1, 1),
    noiseSeed: random.bits(),
  };
}

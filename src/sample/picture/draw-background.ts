import type { Picture } from '../../domain/raster/picture.ts';
import { NoiseField } from '../random/noise-field.ts';
import { hash32, Random } from '../random/random.ts';
import { clamped } from './clamped.ts';

/** 0 to 255 each; values beyond are cut off where they are drawn. */
export type Colour = readonly [red: number, green: number, blue: number];

interface Light {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly strength: number;
  readonly colour: Colour;
}

/** What is behind the faces: two tones that blend downwards, soft texture, and lights out of focus. */
export class Background {
  readonly #picture: Picture;
  readonly #data: Uint8ClampedArray;
  readonly #top: Colour;
  readonly #bottom: Colour;
  readonly #lights: readonly Light[];
  readonly #coarse: NoiseField;
  readonly #fine: NoiseField;
  readonly #shade: Float32Array;

  constructor(seed: number, picture: Picture) {
    const random = new Random(seed, 0x6261636b);
    const tone = (from: number, to: number): Colour => [
      random.between(from, to),
      random.between(from, to),
      random.between(from, to),
    ];
    const size = Math.min(picture.width, picture.height);
    this.#picture = picture;
    this.#data = clamped(picture);
    this.#top = tone(70, 215);
    this.#bottom = tone(35, 150);
    this.#lights = Array.from({ length: 9 }, () => ({
      x: random.between(0, picture.width),
      y: random.between(0, picture.height * 0.8),
      radius: random.between(0.03, 0.12) * size,
      strength: random.between(0.15, 0.45),
      colour: tone(140, 255),
    }));
    this.#coarse = new NoiseField(hash32(seed, 1), size / 4.5);
    this.#fine = new NoiseField(hash32(seed, 2), size / 27);
    this.#shade = new Float32Array(picture.width);
  }

  /** Draws row `y`, counted from 0 at the top. */
  drawRow(y: number): void {
    const { width, height } = this.#picture;
    const data = this.#data;
    const shade = this.#shade;
    shade.fill(0);
    this.#coarse.addRow(y, 70, shade);
    this.#fine.addRow(y, 22, shade);
    const down = y / height;
    const red = this.#top[0] + (this.#bottom[0] - this.#top[0]) * down;
    const green = this.#top[1] + (this.#bottom[1] - this.#top[1]) * down;
    const blue = this.#top[2] + (this.#bottom[2] - this.#top[2]) * down;
    for (let x = 0, at = y * width * 3; x < width; x++, at += 3) {
      const light = shade[x] ?? 0;
      data[at] = red + light;
      data[at + 1] = green + light;
      data[at + 2] = blue + light;
    }
    for (const light of this.#lights) if (Math.abs(y - light.y) < light.radius) this.#drawLight(y, light);
  }

  #drawLight(y: number, light: Light): void {
    const { width } = this.#picture;
    const data = this.#data;
    const dy = y - light.y;
    const reach = Math.sqrt(light.radius * light.radius - dy * dy);
    const end = Math.min(width, Math.ceil(light.x + reach));
    for (let x = Math.max(0, Math.ceil(light.x - reach)); x < end; x++) {
      const dx = x - light.x;
      const distance = Math.sqrt(dx * dx + dy * dy) / light.radius;
      const amount = light.strength * Math.min(1, (1 - distance) * 8);
      for (let channel = 0; channel < 3; channel++) {
        const at = (y * width + x) * 3 + channel;
        const was = data[at] ?? 0;
        data[at] = was + ((light.colour[channel] ?? 0) - was) * amount;
      }
    }
  }
}

/** Adds the noise of a camera's sensor to row `y`: without it a PNG would be far smaller than a photograph's. */
export function addSensorNoise(picture: Picture, seed: number, y: number): void {
  const { width } = picture;
  const data = clamped(picture);
  let state = hash32(seed, y, 0x6e6f6973) || 1;
  for (let at = y * width * 3, end = at + width * 3; at < end; at += 3) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const light = (state & 3) + ((state >>> 2) & 3) - 4;
    data[at] = (data[at] ?? 0) + light + ((state >>> 4) & 1);
    data[at + 1] = (data[at + 1] ?? 0) + light + ((state >>> 5) & 1);
    data[at + 2] = (data[at + 2] ?? 0) + light + ((state >>> 6) & 3);
  }
}

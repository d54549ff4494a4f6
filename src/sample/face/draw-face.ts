import type { Picture } from '../../domain/raster/picture.ts';
import { clamped } from '../picture/clamped.ts';
import type { Colour } from '../picture/draw-background.ts';
import { NoiseField } from '../random/noise-field.ts';
import { FaceFeatures } from './face-features.ts';
import { type Placement, rotationOf } from './face-geometry.ts';
import type { FaceLook } from './face-look.ts';
import { eyesX, type FaceShape, HEAD_MIDDLE } from './face-shape.ts';

/** Half-width and top of what is drawn, in face units: the shoulders and the hair. */
const REACH = 2.8;
const TOP = -1.9;
/** Above the shoulders nothing is wider than the hair; below the chest's top there are only clothes. */
const SHOULDERS = 1.9;
const HAIR_REACH = 1.6;
const CHEST = 2.65;

/** A face with hair, neck and shoulders, drawn over what is there. Each pixel is evaluated on its own. */
export class Face {
  readonly #picture: Picture;
  readonly #data: Uint8ClampedArray;
  readonly #shape: FaceShape;
  readonly #look: FaceLook;
  readonly #placement: Placement;
  readonly #features: FaceFeatures;
  readonly #strands: NoiseField;
  readonly #pores: NoiseField;

  /** The pixel in work: red, green, blue. A typed array, because number fields would be allocated anew each time. */
  readonly #ink = new Float64Array(3);

  constructor(picture: Picture, shape: FaceShape, look: FaceLook, placement: Placement) {
    this.#picture = picture;
    this.#data = clamped(picture);
    this.#shape = shape;
    this.#look = look;
    this.#placement = placement;
    this.#features = new FaceFeatures(shape, placement.eyeDistance);
    this.#strands = new NoiseField(look.noiseSeed, 1);
    this.#pores = new NoiseField(look.noiseSeed ^ 0x55555555, 1);
  }

  /** Draws what lies in row `py`, counted from 0 at the top. */
  drawRow(py: number): void {
    const ink = this.#ink;
    const data = this.#data;
    const { width } = this.#picture;
    const { cos, sin } = rotationOf(this.#placement.tilt);
    const size = this.#placement.eyeDistance;
    const dy = py - this.#placement.y;
    const from = Math.max(0, Math.ceil(this.#placement.x + (-REACH * size - dy * sin) / cos));
    const end = Math.min(width, Math.ceil(this.#placement.x + (REACH * size - dy * sin) / cos));
    for (let px = from; px < end; px++) {
      const dx = px - this.#placement.x;
      const y = (dy * cos - dx * sin) / size;
      const x = (dx * cos + dy * sin) / size;
      if (y < TOP || (y < SHOULDERS && (x > HAIR_REACH || x < -HAIR_REACH))) continue;
      const at = (py * width + px) * 3;
      ink[0] = data[at] ?? 0;
      ink[1] = data[at + 1] ?? 0;
      ink[2] = data[at + 2] ?? 0;
      if (y > CHEST) this.#drawBody(x, y);
      else this.#shadePixel(x, y);
      data[at] = ink[0] ?? 0;
      data[at + 1] = ink[1] ?? 0;
      data[at + 2] = ink[2] ?? 0;
    }
  }

  #paint(colour: Colour, amount: number, light: number): void {
    const ink = this.#ink;
    for (let channel = 0; channel < 3; channel++) {
      const was = ink[channel] ?? 0;
      ink[channel] = was + ((colour[channel] ?? 0) * light - was) * amount;
    }
  }

  #shadePixel(x: number, y: number): void {
    const features = this.#features;
    const look = this.#look;
    const shape = this.#shape;
    const head = features.head(x, y);
    const hair = head < 1 || y < 0.6 ? features.hair(x, y, look) : 0;
    if (head < 1) {
      if (hair > 0)
        this.#paint(look.hair, hair, this.#hairLight(x, y) * (1 - 0.28 * Math.min(1, Math.max(0, y + 0.4))));
      if (y > 1.1) {
        this.#drawBody(x, y);
        const neck = features.neck(x, y);
        if (neck > 0) this.#paint(look.skin, neck, 0.62 + 0.12 * Math.min(1, Math.max(0, y - 1.5)));
      }
      const ears = features.ears(x, y);
      if (ears > 0 && look.hairLength < 0.6) this.#paint(look.skin, ears, 0.72);
    }
    if (head > 0) this.#drawHead(x, y, head);
    const fringe = head > 0 ? features.fringe(x, y, look) : 0;
    if (fringe > 0) this.#paint(look.hair, fringe * Math.max(head, hair), this.#hairLight(x, y));
    if (look.glasses && y > -0.45 && y < 0.45) {
      this.#paint([30, 28, 32], features.glasses(x - eyesX(shape), y), 1);
    }
  }

  #drawBody(x: number, y: number): void {
    const cover = this.#features.body(x, y);
    if (cover === 0) return;
    const light = 0.78 + 0.22 * this.#features.chest(x, y) + 0.05 * x * this.#look.light;
    this.#paint(this.#look.clothes, cover, light);
  }

  #drawHead(x: number, y: number, cover: number): void {
    const features = this.#features;
    const look = this.#look;
    const shape = this.#shape;
    const nx = x / shape.headWidth;
    const ny = (y - HEAD_MIDDLE) / (y > HEAD_MIDDLE ? shape.chin : shape.crown);
    const nz = Math.sqrt(Math.max(0, 1 - nx * nx - ny * ny));
    let light = 0.6 + 0.4 * nz + 0.16 * nx * look.light - 0.06 * ny;
    light += 0.035 * (this.#pores.at(x * 22 + 50, y * 22 + 50) - 0.5);
    light += features.relief(x, y, look.light);
    this.#paint(look.skin, cover, light);
    const blush = features.blush(x, y);
    const ink = this.#ink;
    ink[0] = (ink[0] ?? 0) + 14 * blush * cover;
    ink[1] = (ink[1] ?? 0) - 8 * blush * cover;
    if (look.beard > 0) {
      this.#paint(look.hair, look.beard * features.beard(x, y) * cover, 0.55 + 0.3 * nz);
    }
    if (y < -0.1 && y > -0.6) this.#paint(look.hair, features.brows(x, y) * cover, 0.85);
    if (y < 0.25 && y > -0.25) this.#drawEyes(x, y);
    if (y > 0.85 && y < 1.6) this.#drawMouth(x, y, light);
    const nostrils = features.nostrils(x, y);
    if (nostrils > 0) this.#paint(look.skin, nostrils * 0.8, 0.3);
  }

  #drawEyes(x: number, y: number): void {
    const features = this.#features;
    const look = this.#look;
    const dx = features.fromEye(x);
    const open = features.eyeOpening(dx, y);
    if (open > 0) {
      this.#paint([236, 232, 228], open, 0.86 + 0.8 * y);
      this.#paint(look.iris, open * features.disc(dx, y + 0.012, 0.092), 0.7 + 4 * Math.max(0, y + 0.06));
      this.#paint([12, 10, 12], open * features.disc(dx, y + 0.012, 0.042), 1);
      this.#paint([255, 255, 255], open * features.disc(dx - 0.03 * look.light, y + 0.045, 0.017), 1);
    }
    this.#paint([40, 26, 22], features.lids(dx, y) * 0.85, 1);
  }

  #drawMouth(x: number, y: number, light: number): void {
    const features = this.#features;
    const look = this.#look;
    const lips = features.lips(x, y);
    if (lips === 0) return;
    this.#paint(look.lips, lips, light * (1 + 0.22 * features.lipShine(x, y)));
    const gap = features.mouthGap(x, y);
    if (gap === 0) return;
    this.#paint([72, 28, 30], gap, 1);
    this.#paint([238, 232, 222], gap * features.teeth(x, y), 0.94);
  }

  #hairLight(x: number, y: number): number {
    const strand = this.#strands.at(x * 46 + y * 6 + 200, y * 3 + x * x * 2 + 50);
    const lock = this.#strands.at(x * 9 + y * 2 + 400, y * 1.5 + 90);
    const shine = this.#features.hairShine(x, y, this.#look.light);
    return 0.6 + 0.4 * strand + 0.3 * lock + 0.45 * shine;
  }
}

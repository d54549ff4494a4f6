import type { FaceLook } from './face-look.ts';
import {
  BROW_HALF,
  browLine,
  EYE_X,
  eyesX,
  type FaceShape,
  HEAD_MIDDLE,
  mouthLine,
  mouthX,
  noseX,
  upperLip,
} from './face-shape.ts';

// The functions that every pixel calls many times are in this file or are methods: engines and test runners that
// wrap imports call those across files far more slowly.

// Not `** 2`, which an engine may compute with another last digit before and after it optimises.
function squared(value: number): number {
  return value * value;
}

/** How much of a pixel an outline covers, 0 to 1, from its distance inside (positive) in pixels. */
function coverage(inside: number): number {
  return inside <= -0.5 ? 0 : inside >= 0.5 ? 1 : inside + 0.5;
}

function ellipse(x: number, y: number, rx: number, ry: number, sharp: number): number {
  const q = Math.sqrt(squared(x / rx) + squared(y / ry));
  return coverage((1 - q) * Math.min(rx, ry) * sharp);
}

/** A soft hill: 1 in the middle of an ellipse, 0 at and beyond its edge. */
function glow(x: number, y: number, cx: number, cy: number, rx: number, ry: number): number {
  if (y <= cy - ry || y >= cy + ry) return 0;
  const q = squared((x - cx) / rx) + squared((y - cy) / ry);
  return q >= 1 ? 0 : (1 - q) * (1 - q);
}

/** Coverage and shading of each part of a face at a point in face units; `sharp` is pixels per unit. */
export class FaceFeatures {
  readonly #shape: FaceShape;
  readonly #sharp: number;

  constructor(shape: FaceShape, sharp: number) {
    this.#shape = shape;
    this.#sharp = sharp;
  }

  head(x: number, y: number): number {
    const { headWidth, chin, crown } = this.#shape;
    return ellipse(x, y - HEAD_MIDDLE, headWidth, y > HEAD_MIDDLE ? chin : crown, this.#sharp);
  }

  disc(x: number, y: number, radius: number): number {
    return ellipse(x, y, radius, radius, this.#sharp);
  }

  hair(x: number, y: number, look: FaceLook): number {
    const rx = this.#shape.headWidth * look.hairVolume;
    const ry = this.#shape.crown * (0.96 + (look.hairVolume - 1) * 1.1);
    if (y < 0) return ellipse(x, y, rx, ry, this.#sharp);
    const side = rx * (1 + 0.1 * y - 0.05 * y * y);
    const ends = look.hairLength - 0.25 * squared(x / side);
    return Math.min(coverage((side - Math.abs(x)) * this.#sharp), coverage((ends - y) * 0.3 * this.#sharp));
  }

  hairShine(x: number, y: number, light: number): number {
    return glow(x, y, 0.35 * light, -1.0, 0.9, 0.5);
  }

  /** The hair over the forehead; soft, because it is strands that end there. */
  fringe(x: number, y: number, look: FaceLook): number {
    const line = look.hairline + look.hairlineDrop * squared(x - 0.25 * look.light);
    return Math.max(0, Math.min(1, (line - y) * 9 + 0.5));
  }

  body(x: number, y: number): number {
    if (y > 4.2) return coverage((2.7 - Math.abs(x)) * this.#sharp);
    return ellipse(x, y - 4.2, 2.7, 2.25, this.#sharp);
  }

  /** Where the clothes catch the light. */
  chest(x: number, y: number): number {
    return glow(x, y, 0, 3.4, 2.6, 1.6);
  }

  neck(x: number, y: number): number {
    const half = 0.62 + 0.16 * squared(Math.max(0, y - 1.8));
    const side = coverage((half - Math.abs(x)) * this.#sharp);
    return side === 0 ? 0 : Math.min(side, coverage((2.45 - 0.5 * x * x - y) * this.#sharp));
  }

  ears(x: number, y: number): number {
    return ellipse(Math.abs(x) - this.#shape.headWidth, y - 0.22, 0.14, 0.32, this.#sharp);
  }

  /** What the face's hills and hollows add to the light. */
  relief(x: number, y: number, light: number): number {
    const { noseLength, noseWidth, mouthY, chin } = this.#shape;
    const nose = noseX(this.#shape);
    const mouth = mouthX(this.#shape);
    const dx = this.fromEye(x);
    let sum = -0.15 * glow(dx, y, 0, -0.08, 0.36, 0.3);
    sum -= 0.06 * glow(dx, y, 0, 0.2, 0.3, 0.14);
    sum += 0.07 * glow(x, y, nose * 0.8, noseLength * 0.5, 0.13, 0.55);
    sum -= 0.15 * glow(x, y, nose - light * 0.17, noseLength * 0.6, 0.16, 0.5);
    sum += 0.12 * glow(x, y, nose + light * 0.03, noseLength, 0.14, 0.12);
    sum -= 0.1 * glow(Math.abs(x - nose), y, noseWidth + 0.05, noseLength + 0.06, 0.09, 0.14);
    sum -= 0.2 * glow(x, y, nose, noseLength + 0.17, noseWidth * 1.35, 0.1);
    sum -= 0.14 * glow(x, y, mouth, mouthY + 0.27, 0.32, 0.12);
    sum += 0.06 * glow(x, y, mouth * 0.6, HEAD_MIDDLE + chin - 0.22, 0.35, 0.2);
    sum -= 0.05 * glow(Math.abs(x - mouth), y, 0.52, mouthY - 0.2, 0.1, 0.4);
    return sum;
  }

  blush(x: number, y: number): number {
    return glow(Math.abs(x - noseX(this.#shape)), y, 0.62, 0.55, 0.38, 0.34);
  }

  beard(x: number, y: number): number {
    const mouth = mouthX(this.#shape);
    const jaw = Math.max(0, Math.min(1, (y - 0.62 + 0.5 * (Math.abs(x) - 0.62)) * 3));
    return jaw * (1 - 0.8 * glow(x, y, mouth, this.#shape.mouthY + 0.02, 0.5, 0.3));
  }

  nostrils(x: number, y: number): number {
    const dx = Math.abs(x - noseX(this.#shape)) - this.#shape.noseWidth * 0.5;
    return ellipse(dx, y - this.#shape.noseLength - 0.085, 0.055, 0.028, this.#sharp);
  }

  /** Horizontal distance from the middle of the nearer eye, mirrored so that both are drawn alike. */
  fromEye(x: number): number {
    return Math.abs(x - eyesX(this.#shape)) - EYE_X;
  }

  brows(x: number, y: number): number {
    const t = this.fromEye(x) / BROW_HALF;
    if (t < -1.1 || t > 1.1) return 0;
    const half = 0.058 * (1 - 0.35 * t) * Math.min(1, (1.1 - Math.abs(t)) * 4);
    return 0.9 * Math.sqrt(Math.max(0, 1 - Math.abs(y - browLine(this.#shape, t)) / half));
  }

  eyeOpening(dx: number, y: number): number {
    const bow = 1 - squared(dx / this.#shape.eyeWidth);
    if (bow <= 0) return 0;
    const inside = Math.min(y + this.#shape.eyeUpper * bow, this.#shape.eyeLower * bow - y);
    return coverage(inside * this.#sharp);
  }

  /** The dark line of the lashes, and the fold above it. */
  lids(dx: number, y: number): number {
    const bow = 1 - squared(dx / (this.#shape.eyeWidth * 1.1));
    if (bow <= 0) return 0;
    const lash = Math.abs(y + this.#shape.eyeUpper * bow) / 0.022;
    const fold = Math.abs(y + 0.05 + this.#shape.eyeUpper * bow) / 0.02;
    return Math.max(0, 1 - lash, 0.35 * (1 - fold));
  }

  lips(x: number, y: number): number {
    const t = (x - mouthX(this.#shape)) / this.#shape.mouthWidth;
    if (t <= -1 || t >= 1) return 0;
    const line = mouthLine(this.#shape, t);
    const lower = line + this.#shape.lipLower * (1 - t * t);
    return coverage(Math.min(y - line + upperLip(this.#shape, t), lower - y) * this.#sharp * 0.5);
  }

  lipShine(x: number, y: number): number {
    const { mouthY, smile, lipLower } = this.#shape;
    return glow(x, y, mouthX(this.#shape), mouthY + smile + lipLower * 0.6, 0.2, 0.05);
  }

  mouthGap(x: number, y: number): number {
    const t = (x - mouthX(this.#shape)) / this.#shape.mouthWidth;
    if (t <= -0.9 || t >= 0.9) return 0;
    const half = (this.#shape.mouthOpen / 2) * (1 - t * t);
    return coverage((half - Math.abs(y - mouthLine(this.#shape, t))) * this.#sharp);
  }

  /** The upper part of the opening, when it is open enough for teeth to show. */
  teeth(x: number, y: number): number {
    if (this.#shape.mouthOpen < 0.05) return 0;
    const t = (x - mouthX(this.#shape)) / (this.#shape.mouthWidth * 0.86);
    const below = y - mouthLine(this.#shape, t) - this.#shape.mouthOpen * 0.18;
    return Math.max(0, Math.min(1, -below * 40 + 0.5)) * Math.min(1, Math.max(0, (1 - t * t) * 4));
  }

  glasses(x: number, y: number): number {
    const lens = Math.sqrt(squared((Math.abs(x) - EYE_X) / 0.41) + squared((y - 0.04) / 0.34));
    const rim = coverage((0.028 - Math.abs(lens - 1) * 0.36) * this.#sharp);
    const bridge = Math.abs(x) < 0.1 ? coverage((0.025 - Math.abs(y + 0.04)) * this.#sharp) : 0;
    return Math.max(rim, bridge);
  }
}

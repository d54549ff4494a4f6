import type { Size } from '../domain/raster/picture.ts';
import type { Placement } from './face/face-geometry.ts';
import { type FaceLook, randomLook } from './face/face-look.ts';
import { type FaceShape, randomShape } from './face/face-shape.ts';
import { Random } from './random/random.ts';

/** A photo to draw, with one record per face. */
export interface PhotoPlan extends Size {
  readonly seed: number;
  readonly faces: readonly FacePlan[];
  /** Characters of the text that goes into the PNG; 0 is none. */
  readonly textLength: number;
}

/** A face to draw: its lines, its colours, and where it is in the photo. */
export interface FacePlan {
  readonly shape: FaceShape;
  readonly look: FaceLook;
  readonly placement: Placement;
}

/** Decoders limit text chunks to 1 MiB, and two originals of the real dataset have longer ones. */
const LONG_TEXT = 2_400_000;

interface Composition {
  readonly size: readonly [width: number, height: number];
  /** Origin x and y, distance between the eyes, tilt. */
  readonly faces: readonly (readonly [x: number, y: number, eyeDistance: number, tilt: number])[];
  readonly textLength?: number;
  /** Over 10 megapixels: one of each is enough, however many records are asked for. */
  readonly huge?: true;
}

const compositions: readonly Composition[] = [
  { size: [1024, 768], faces: [[520, 330, 120, 0.02]] },
  { size: [900, 1200], faces: [[450, 520, 150, -0.08]] },
  {
    size: [1600, 1200],
    faces: [
      [520, 480, 116, 0.06],
      [1100, 560, 100, -0.05],
    ],
  },
  { size: [3900, 2600], faces: [[1850, 1130, 540, 0.05]], huge: true },
  // Over the left border.
  { size: [640, 800], faces: [[150, 300, 130, 0.04]] },
  { size: [1280, 960], faces: [[610, 420, 140, -0.03]], textLength: LONG_TEXT },
  {
    size: [1500, 1000],
    faces: [
      [330, 420, 86, 0.03],
      [760, 380, 92, -0.07],
      [1190, 450, 84, 0.09],
    ],
  },
  // The crop just reaches over the top.
  { size: [768, 1024], faces: [[384, 300, 170, 0]] },
  // Over the right border.
  { size: [1920, 1080], faces: [[1700, 500, 190, 0.07]] },
  // Small, and tilted by 28 degrees.
  { size: [800, 600], faces: [[420, 270, 58, 0.25]] },
  { size: [2900, 3500], faces: [[1450, 1560, 620, -0.04]], huge: true },
  { size: [1100, 1400], faces: [[560, 640, 180, -0.19]] },
  { size: [1300, 1300], faces: [[640, 560, 150, 0.01]] },
  // The chin is below the picture.
  { size: [720, 960], faces: [[360, 760, 140, 0.02]] },
  { size: [1400, 1050], faces: [[700, 460, 128, 0.12]] },
  { size: [1000, 1500], faces: [[500, 620, 200, -0.02]] },
  {
    size: [1600, 1067],
    faces: [
      [500, 440, 104, -0.08],
      [1080, 430, 110, 0.04],
    ],
  },
  // In the corner: the crop reaches over two borders.
  { size: [960, 720], faces: [[180, 170, 120, -0.1]] },
  { size: [1250, 850], faces: [[640, 370, 112, 0.05]] },
  { size: [1150, 1150], faces: [[560, 520, 160, -0.14]] },
];

/** Photos with as many faces as there are records; the last one may show a face that has no record. */
export function drawUpPhotos(records: number, seed: number): PhotoPlan[] {
  const photos: PhotoPlan[] = [];
  for (let left = records, index = 0; left > 0; index++) {
    const composition = compositions[index % compositions.length];
    if (composition === undefined || (composition.huge && index >= compositions.length)) continue;
    const photo = planPhoto(composition, seed, index);
    photos.push(photo);
    left -= photo.faces.length;
  }
  return photos;
}

function planPhoto(composition: Composition, seed: number, index: number): PhotoPlan {
  const random = new Random(seed, 0x70686f74, index);
  const [width, height] = composition.size;
  return {
    seed: random.bits(),
    width,
    height,
    textLength: composition.textLength ?? 0,
    faces: composition.faces.map(([x, y, eyeDistance, tilt]) => ({
      shape: randomShape(random),
      look: randomLook(random),
      placement: { x, y, eyeDistance, tilt },
    })),
  };
}

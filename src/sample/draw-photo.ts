import type { Picture } from '../domain/raster/picture.ts';
import type { PhotoPlan } from './draw-up-photos.ts';
import { Face } from './face/draw-face.ts';
import { bySpans } from './picture/by-spans.ts';
import { addSensorNoise, Background } from './picture/draw-background.ts';

/** Draws a planned photo, in turns with other work of the process. Throws the signal's reason. */
export async function drawPhoto(plan: PhotoPlan, signal?: AbortSignal): Promise<Picture> {
  const { width, height, seed } = plan;
  const photo = { width, height, data: new Uint8Array(width * height * 3) };
  const background = new Background(seed, photo);
  const faces = plan.faces.map(({ shape, look, placement }) => new Face(photo, shape, look, placement));
  const drawRows = (from: number, to: number) => {
    for (let y = from; y < to; y++) {
      background.drawRow(y);
      for (const face of faces) face.drawRow(y);
      addSensorNoise(photo, seed, y);
    }
  };
  await bySpans(photo, drawRows, signal);
  return photo;
}

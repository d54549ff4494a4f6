import { Face } from '../face/draw-face.ts';
import type { PhotoPlan } from '../photo-plan.ts';
import { addSensorNoise, Background } from './draw-background.ts';
import { bySpans, type RgbRaster } from './raster.ts';

/** Draws a planned photo; other work of the process runs in between. */
export async function drawPhoto(plan: PhotoPlan, signal?: AbortSignal): Promise<RgbRaster> {
  const { width, height } = plan;
  const raster = { width, height, data: new Uint8Array(width * height * 3) };
  const background = new Background(plan.seed, raster);
  const faces = plan.faces.map(({ shape, look, placement }) => new Face(raster, shape, look, placement));
  await bySpans(
    width,
    height,
    (from, to) => {
      for (let y = from; y < to; y++) {
        background.drawRow(y);
        for (const face of faces) face.drawRow(y);
        addSensorNoise(raster, plan.seed, y);
      }
    },
    signal,
  );
  return raster;
}

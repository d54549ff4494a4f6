import { decodePhoto, libraryVersions } from '../../activities/png/decode-photo.ts';
import { type Answer, ok, problem } from '../finding.ts';
import { said } from '../said.ts';

const CHECK = 'sharp';

/** One pixel, red, green and blue as written below. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgZGIBAAAPAAhbF6NmAAAAAElFTkSuQmCC';
const PIXEL = [1, 2, 4];

/** The native library that decodes photographs: whether it loads here, and decodes. */
export default async function checkPictureLibrary(): Promise<Answer> {
  try {
    const { sharp, libvips } = await libraryVersions();
    const { data } = await decodePhoto(Buffer.from(PNG, 'base64'));
    const pixel = [...data];
    if (pixel.join() !== PIXEL.join()) throw new Error(`expected the pixel ${PIXEL}, got ${pixel}`);
    return { findings: [ok(CHECK, `${sharp} with libvips ${libvips}; decodes a PNG`)] };
  } catch (error) {
    const todo = 'run `npm ci` on this machine (its packages are for one system and processor)';
    return { findings: [problem(CHECK, `expected that it loads and decodes, got ${said(error)}`, todo)] };
  }
}

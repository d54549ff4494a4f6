import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { refused } from '../../domain/failure/command-failure.ts';
import type { Verb } from '../context/context.ts';
import { PHOTOS_FOLDER, readAlign } from '../flags/align-flags.ts';
import { makeRunRequest, readRunOptions } from '../flags/run-flags.ts';
import { launch } from './launch.ts';

/** `ffhq align-photos DIR --landmarks FILE`: the dataset's recipe for the user's own photographs. */
export const alignPhotos: Verb = async (context, values, words) => {
  const [given] = words;
  if (given === undefined) throw refused('align-photos: expected the folder of the photographs, got nothing');
  if (typeof values.landmarks !== 'string') {
    throw refused('flag [--landmarks]: expected a JSON or CSV file with the landmarks, got nothing');
  }
  const folder = resolve(context.folders.given, given);
  const landmarks = resolve(context.folders.given, values.landmarks);
  await demand(folder, 'photographs', (info) => info.isDirectory(), 'a folder');
  await demand(landmarks, '--landmarks', (info) => info.isFile(), 'a JSON or CSV file');
  const options = readRunOptions(values, context.folders);
  const align = readAlign(values, context.folders, true, PHOTOS_FOLDER);
  if (align === undefined) throw new Error('unreachable: it is asked for');
  return launch(
    context,
    values,
    {
      ...options,
      kinds: ['align'],
      manifest: { name: 'photos', folder, landmarks },
      license: { name: 'none' },
      align: { ...align, sourceDir: folder },
    },
    async (asked) => makeRunRequest(asked),
  );
};

async function demand(
  path: string,
  what: string,
  isRight: (info: Awaited<ReturnType<typeof stat>>) => boolean,
  expected: string,
): Promise<void> {
  let info: Awaited<ReturnType<typeof stat>> | undefined;
  try {
    info = await stat(path);
  } catch {
    // Said below, with what was expected.
  }
  if (info === undefined || !isRight(info)) {
    throw refused(
      `align-photos [${what}=${path}]: expected ${expected}, got ${info === undefined ? 'nothing' : 'something else'}`,
    );
  }
}

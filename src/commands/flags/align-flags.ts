import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { isDefaultMode } from '../../domain/align/align-options.ts';
import { STATE_FOLDER } from '../../domain/dataset/layout.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { isAligned, kinds, taskKinds } from '../../domain/kinds.ts';
import type { AlignRequest } from '../../domain/run/request.ts';
import { decimalNumber } from './values/option-values.ts';
import type { Folders } from './values/out-folder.ts';

/** Folder under OUT for the user's own aligned photographs. */
export const PHOTOS_FOLDER = 'aligned';

/** How faces are cut; the reference's flags first, under its names. */
export function addAlignFlags(command: Command): Command {
  return command
    .option('--random-shift <sd>', 'standard deviation of random crop rectangle jitter', '0')
    .option('--retry-crops', 'retry random shift if crop rectangle falls outside image (up to 1000 times)')
    .option('--no-rotation', 'keep the original orientation of images')
    .option('--no-padding', 'do not apply blur-padding outside and near the image borders')
    .option('--align-dir <name>', `folder under --out for aligned images (default: "${kinds.align.folder}")`)
    .option('--file-identical', 'write PNG files byte for byte as Pillow does (slower)');
}

/** Where the originals are, and what becomes of them. */
export function addOriginalFlags(command: Command): Command {
  return command
    .option('--source-dir <dir>', 'folder that holds in-the-wild-images/ (default: --out)')
    .option(
      '--discard-originals',
      'with --wilds --align: remove each original once its aligned image is identical',
    );
}

/** The request to align, where it is asked for. */
export function readAlign(
  values: OptionValues,
  folders: Folders,
  isAsked: boolean,
  folder: string = kinds.align.folder,
): AlignRequest | undefined {
  const randomShift = decimalNumber('--random-shift', 0, 1000)(String(values.randomShift ?? '0'));
  const discardOriginals = values.discardOriginals === true;
  if (discardOriginals && !(isAsked && values.wilds === true)) {
    throw refused('flag [--discard-originals]: expected with --wilds --align, got it without them');
  }
  if (!isAsked) return undefined;
  const sourceDir = typeof values.sourceDir === 'string' ? values.sourceDir : '';
  if (discardOriginals && sourceDir !== '') {
    throw refused(
      'flag [--discard-originals]: expected without --source-dir, got both: only fetched originals go',
    );
  }
  const options = {
    rotateLevel: values.rotation !== false,
    randomShift,
    retryCrops: values.retryCrops === true,
    enablePadding: values.padding !== false,
  };
  if (discardOriginals && !isDefaultMode(options)) {
    throw refused(
      'flag [--discard-originals]: expected without --no-rotation, --no-padding and --random-shift, ' +
        'got it with one of them: of such pictures none is published, so nothing tells when an original may go',
    );
  }
  return {
    options,
    ...(sourceDir === '' ? {} : { sourceDir: resolve(folders.given, sourceDir) }),
    folder: readFolder(values.alignDir, folder),
    fileIdentical: values.fileIdentical === true,
    discardOriginals,
  };
}

const others = taskKinds.filter((kind) => !isAligned(kind));

/** One plain folder name under OUT that belongs to nobody else. */
function readFolder(given: unknown, otherwise: string): string {
  if (typeof given !== 'string') return otherwise;
  const taken = [STATE_FOLDER, ...others.map((kind) => kinds[kind].folder.split('/')[0])];
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(given) && !taken.includes(given)) return given;
  throw refused(
    `flag [--align-dir]: expected the name of a folder of its own under --out, got ${given === '' ? 'nothing' : given.slice(0, 80)}`,
  );
}

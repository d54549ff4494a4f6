import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AlignOptions } from '../../src/domain/align/align-options.ts';

/** What a run of the reference is asked; `options` are its function's own keyword arguments. */
export interface Question {
  readonly name: string;
  /** The records that make up the manifest of this run. */
  readonly keys: readonly string[];
  readonly options: {
    readonly rotate_level?: boolean;
    readonly random_shift?: number;
    readonly retry_crops?: boolean;
    readonly enable_padding?: boolean;
  };
}

interface Digests {
  readonly pixel_md5: string;
  readonly file_md5: string;
}

interface Recorded {
  readonly versions: Readonly<Record<string, string>>;
  readonly results: Readonly<Record<string, Readonly<Record<string, Digests>>>>;
}

const questionsFile = fileURLToPath(new URL('reference-questions.json', import.meta.url));
const scriptFile = fileURLToPath(new URL('../../tools/reference-digests.py', import.meta.url));

export const questions: readonly Question[] = JSON.parse(readFileSync(questionsFile, 'utf8'));

/** Recorded by tools/reference-digests.py from the default sample. */
export const recorded: Recorded = JSON.parse(
  readFileSync(new URL('reference-digests.json', import.meta.url), 'utf8'),
);

export function optionsOf({ options }: Question): AlignOptions {
  return {
    rotateLevel: options.rotate_level ?? true,
    randomShift: options.random_shift ?? 0,
    retryCrops: options.retry_crops ?? false,
    enablePadding: options.enable_padding ?? true,
  };
}

const python = process.env.FFHQ_PYTHON ?? 'python3';
const reference = process.env.FFHQ_REFERENCE ?? '';

/** Why the reference cannot be asked on this machine; undefined: it can. */
export const whyNoReference = ((): string | undefined => {
  if (reference === '') return 'FFHQ_REFERENCE does not name the reference script';
  try {
    const versions = 'import PIL, numpy, scipy, requests; print(PIL.__version__, numpy.__version__)';
    const [pillow = '', numpy = ''] = execFileSync(python, ['-c', versions], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).split(' ');
    if (Number.parseInt(pillow, 10) < 10 && Number.parseInt(numpy, 10) < 2) return undefined;
    return `expected Pillow < 10 and NumPy < 2, got ${pillow} and ${numpy}`;
  } catch {
    return `${python} has no Pillow, NumPy, SciPy or requests`;
  }
})();

/** Asks the reference itself, all questions. */
export function askReference(manifest: string, folder: string): Recorded {
  const answer = execFileSync(python, [scriptFile, reference, manifest, folder], {
    input: readFileSync(questionsFile),
    maxBuffer: 1 << 24,
  });
  return JSON.parse(answer.toString());
}

/**
 * Everything that is particular to one kind of file or work: a row each. Whoever wants to know how kinds differ asks the
 * row; the acting half, under the same keys, is `activities/plan/surveyors.ts`.
 */

const MIB = 1024 ** 2;

/** Shards of one window may be open at a time: downloads share connections, alignments share processors. */
export const windows = {
  // More would only spread the same slots over more histories and cached workflows.
  download: 4,
  align: 2,
} as const;
export type Window = keyof typeof windows;

interface KindRow {
  /**
   * How its files come: `shards`: in thousand-folders, by bundles; `large-files`: each by byte ranges; `few-files`: all in
   * one bundle before the plan.
   */
  readonly form: 'shards' | 'large-files' | 'few-files';
  /** Its folder under OUT; `undefined`: it has none of its own. */
  readonly folder: string | undefined;
  /** Id on Google Drive of the licence text that the reference puts into the folder. */
  readonly license: string | undefined;
  /** How a run comes by its files, in one word. */
  readonly obtained: 'fetched' | 'aligned';
}

interface ShardRow extends KindRow {
  readonly form: 'shards';
  readonly folder: string;
  /** Field of a manifest's record that names its file; `undefined`: nobody publishes it. */
  readonly recordField: string | undefined;
  /** What that field may say of the face in the picture. */
  readonly faceFields: readonly ('face_landmarks' | 'face_rect' | 'face_quad')[];
  /** Whose folder must be settled before a shard of this kind may start: the kind that it is made of. */
  readonly madeOf: 'wilds' | undefined;
  /**
   * Whichever comes first closes a bundle. An Activity costs 10-14 ms of CPU in server and worker together: with 500
   * thumbnails (1 ms of work each) or 32 images (10 ms each) that is some 5 %; a 14 MB original is worth its own line in
   * the UI, five of them an Activity (docs/decisions/bundles.md has the arithmetic).
   */
  readonly bundle: { readonly files: number; readonly bytes: number };
  /** Bundles of a shard in flight; `by-files`: as many as hold {@link FILES_AHEAD} files together with other shards. */
  readonly lanes: number | 'by-files';
  /** The bound that it counts against while it is open. */
  readonly window: Window;
  /** `work`: the run's own Task Queue; `align`: the one whose slots are processors. */
  readonly taskQueue: 'work' | 'align';
  /** Activity Type that settles its bundles. */
  readonly settledBy: 'fetchBundle' | 'alignBundle';
  /** What a shard of it is at, in the list of workflows. */
  readonly stage: 'fetch' | 'align';
}

const downloaded = {
  form: 'shards',
  obtained: 'fetched',
  madeOf: undefined,
  lanes: 'by-files',
  window: 'download',
  taskQueue: 'work',
  settledBy: 'fetchBundle',
  stage: 'fetch',
} as const;

export const kinds = {
  json: { form: 'few-files', folder: undefined, license: undefined, obtained: 'fetched' },
  licenses: {
    form: 'few-files',
    folder: undefined,
    license: '1SHafCugkpMZzYhbgOz0zCuYiy-hb9lYX',
    obtained: 'fetched',
  },
  images: {
    ...downloaded,
    folder: 'images1024x1024',
    license: '1sP2qz8TzLkzG2gjwAa4chtdB31THska4',
    recordField: 'image',
    faceFields: ['face_landmarks'],
    bundle: { files: 32, bytes: 256 * MIB },
  },
  thumbs: {
    ...downloaded,
    folder: 'thumbnails128x128',
    license: '1iaL1S381LS10VVtqu-b2WfF9TiY75Kmj',
    recordField: 'thumbnail',
    faceFields: [],
    bundle: { files: 500, bytes: 64 * MIB },
  },
  wilds: {
    ...downloaded,
    folder: 'in-the-wild-images',
    license: '1rsfFOEQvkd6_Z547qhpq5LhDl2McJEzw',
    recordField: 'in_the_wild',
    faceFields: ['face_landmarks', 'face_rect', 'face_quad'],
    bundle: { files: 64, bytes: 64 * MIB },
  },
  tfrecords: {
    form: 'large-files',
    folder: 'tfrecords/ffhq',
    license: '1SYUmqKdLoTYq-kqsnPsniLScMhspvl5v',
    obtained: 'fetched',
  },
  zips: {
    form: 'large-files',
    folder: 'zips',
    // Their folder on Drive has none of its own.
    license: '1SHafCugkpMZzYhbgOz0zCuYiy-hb9lYX',
    obtained: 'fetched',
  },
  align: {
    form: 'shards',
    // `--align-dir` names another: see `folderOfKind`.
    folder: 'realign1024x1024',
    // The reference copies the text of OUT beside what it aligns.
    license: '1SHafCugkpMZzYhbgOz0zCuYiy-hb9lYX',
    obtained: 'aligned',
    recordField: undefined,
    faceFields: [],
    madeOf: 'wilds',
    // A third of a second each: one Activity takes seconds, and a killed worker loses no more than its pictures in hand.
    bundle: { files: 16, bytes: 1024 * MIB },
    // Enough for a lab's hosts; a bundle that waits for a processor costs nothing.
    lanes: 32,
    window: 'align',
    taskQueue: 'align',
    settledBy: 'alignBundle',
    stage: 'align',
  },
} as const satisfies Record<string, KindRow | ShardRow>;

export type FileKind = keyof typeof kinds;

type KindsOf<Form extends KindRow['form']> = {
  [Kind in FileKind]: (typeof kinds)[Kind]['form'] extends Form ? Kind : never;
}[FileKind];

/** The kinds of picture that a manifest names; each record has at most one file of each. */
export const imageKinds = ['images', 'thumbs', 'wilds'] as const satisfies readonly KindsOf<'shards'>[];
export type ImageKind = (typeof imageKinds)[number];

/** Kinds that come in thousand-folders: the pictures to fetch, and the ones that aligning makes of the originals. */
export type ShardKind = KindsOf<'shards'>;
const shardKinds: readonly ShardKind[] = [...imageKinds, 'align'];

export type LargeFileKind = KindsOf<'large-files'>;
export type FewFilesKind = KindsOf<'few-files'>;

/** What a run may be asked for: the reference's task names. The manifest and the licence files come along. */
export type TaskKind = ShardKind | LargeFileKind;
export const taskKinds: readonly TaskKind[] = [...imageKinds, 'tfrecords', 'zips', 'align'];

/** In the order in which they are shown. */
export const fileKinds: readonly FileKind[] = ['json', 'licenses', ...taskKinds];

/** Something for each kind of picture. */
export function perImageKind<Value>(make: (kind: ImageKind) => Value): Record<ImageKind, Value> {
  return Object.fromEntries(imageKinds.map((kind) => [kind, make(kind)])) as Record<ImageKind, Value>;
}

/** Are whole folders among what is asked for, as archives? */
export function areZipsAsked(asked: readonly TaskKind[]): boolean {
  return asked.includes('zips');
}

/** Row of a kind that comes in shards. */
export function shardRow(kind: ShardKind): ShardRow {
  return kinds[kind];
}

/** Is it made here, of what was fetched? */
export function isAligned(kind: FileKind): boolean {
  return kinds[kind].obtained === 'aligned';
}

export function isShardKind(kind: FileKind): kind is ShardKind {
  return shardKinds.some((shardKind) => shardKind === kind);
}

export function isLargeFileKind(kind: FileKind): kind is LargeFileKind {
  return kinds[kind].form === 'large-files';
}

/** The kinds of which a task's files are made: they must be known, and there, before it. */
export function isMadeFrom(task: TaskKind, kind: FileKind): boolean {
  return isShardKind(task) && kinds[task].madeOf === kind;
}

/** The kind that is made of this one. */
export function kindMadeOf(kind: FileKind): ShardKind | undefined {
  return shardKinds.find((made) => isMadeFrom(made, kind));
}

/** Is some asked-for kind made of this one? */
export function isNeededBy(kind: FileKind, asked: readonly TaskKind[]): boolean {
  return asked.some((task) => isMadeFrom(task, kind));
}

/** A task's folder under OUT; the user may name the one for aligned pictures. */
export function folderOfKind(
  kind: TaskKind,
  request: { readonly align?: { readonly folder: string } | undefined },
): string {
  return kind === 'align' ? (request.align?.folder ?? kinds.align.folder) : kinds[kind].folder;
}

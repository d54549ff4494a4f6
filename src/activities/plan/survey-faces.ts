import { join } from 'node:path';
import { type AlignSpec, alignedBytes } from '../../domain/align/align-spec.ts';
import type { ImageId } from '../../domain/dataset/ids.ts';
import { addSwept, type Swept } from '../../domain/run/progress.ts';
import { recordOfDone } from '../../domain/verify/recipe.ts';
import { cropsOf } from '../manifest/crop-files.ts';
import { listFolders } from '../store/folder-survey.ts';
import { sweepBeside } from '../store/left-partials.ts';
import { findSafeFolder } from '../store/safe-folder.ts';
import { counts, isSelected, type ShardSurvey, type SurveyQuestion } from './shard-survey.ts';

export interface FacesSurvey extends ShardSurvey {
  readonly identicalFiles: number;
  /** Whose originals nobody needs any more. */
  readonly done: ReadonlySet<ImageId>;
}

/** Compares the aligned pictures that a folder should have with what is there, by verification records. */
export async function surveyFaces(question: SurveyQuestion): Promise<FacesSurvey> {
  const { store, kind, folder, request, settled } = question;
  const { align } = request;
  if (align === undefined || store.crops === undefined)
    throw new Error(`request [kind=${kind}]: expected how to align, got nothing`);
  const crops = await cropsOf(store.caches, store.crops, folder);
  const root = await findSafeFolder(store.path, align.folder);
  const mayCount = isSelected(question);
  const specs = [...crops.values()].filter(({ id }) => mayCount(id));
  const pathOf = ({ output }: AlignSpec) => `${align.folder}/${output}`;
  const paths = root === undefined ? [] : specs.map(({ output }) => join(root, output));
  const [verified, infos, folders] = await Promise.all([
    store.verified.read(store.path, kind, folder),
    store.looks.look(paths, store.signal),
    listFolders(store.path, store.sweeper === undefined ? [] : specs.map(pathOf)),
  ]);
  const done = new Set<ImageId>();
  const unfinished: { id: ImageId; size: number }[] = [];
  let bytes = 0;
  let doneBytes = 0;
  let presentBytes = 0;
  let identicalFiles = 0;
  let swept: Swept | undefined;
  for (const [nth, spec] of specs.entries()) {
    const size = alignedBytes(spec);
    bytes += size;
    const info = infos[nth];
    if (info) presentBytes += Math.min(size, info.size);
    const records = verified.get(pathOf(spec));
    const record = info?.isFile ? recordOfDone(spec, align, records, info) : undefined;
    if (counts(record, question)) {
      done.add(spec.id);
      doneBytes += size;
      swept = addSwept(swept, await sweepBeside(folders, pathOf(spec), store.sweeper));
      if (spec.expected) identicalFiles++;
    } else if (!settled.has(spec.id)) unfinished.push({ id: spec.id, size });
  }
  return {
    files: specs.length,
    bytes,
    doneFiles: done.size,
    doneBytes,
    presentBytes,
    unfinished,
    identicalFiles,
    swept,
    done,
  };
}

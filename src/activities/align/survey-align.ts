import { join } from 'node:path';
import { alignedBytes } from '../../domain/align/align-spec.ts';
import type { Folder, ImageId } from '../../domain/dataset/ids.ts';
import type { AlignRequest } from '../../domain/run/request.ts';
import { readCrops } from '../manifest/crop-files.ts';
import type { ShardSurvey, SurveyRule } from '../plan/survey-shard.ts';
import { lstatMany, onDisk } from '../store/file-info.ts';
import { findSafeFolder } from '../store/safe-folder.ts';
import { readVerified } from '../store/verified-records.ts';
import { recordOfDone } from './recipe.ts';

export interface AlignSurvey extends ShardSurvey {
  readonly identicalFiles: number;
  /** Whose originals nobody needs any more. */
  readonly done: ReadonlySet<ImageId>;
}

/** Compares the aligned pictures that a folder should have with what is there, by verification records. */
export async function surveyAlign(
  store: { readonly path: string; readonly crops: string },
  folder: Folder,
  align: AlignRequest,
  rule: SurveyRule,
): Promise<AlignSurvey> {
  const crops = await readCrops(store.crops, folder);
  const verified = await readVerified(store.path, 'align', folder);
  const root = await findSafeFolder(store.path, align.folder);
  const specs = [...crops.values()].filter(({ id }) => rule.isSelected(id));
  const infos = root === undefined ? [] : await lstatMany(specs.map(({ output }) => join(root, output)));
  const done = new Set<ImageId>();
  const unfinished: { id: ImageId; size: number }[] = [];
  let bytes = 0;
  let doneBytes = 0;
  let presentBytes = 0;
  let identicalFiles = 0;
  for (const [nth, spec] of specs.entries()) {
    const size = alignedBytes(spec);
    bytes += size;
    const info = infos[nth];
    if (info) presentBytes += Math.min(size, Number(info.size));
    const records = verified.get(`${align.folder}/${spec.output}`);
    const record = info?.isFile() ? recordOfDone(spec, align, records, onDisk(info)) : undefined;
    if (record && (rule.trust === 'records' || record.run === rule.run)) {
      done.add(spec.id);
      doneBytes += size;
      if (spec.expected) identicalFiles++;
    } else if (!rule.settled.has(spec.id)) unfinished.push({ id: spec.id, size });
  }
  return {
    files: specs.length,
    bytes,
    doneFiles: done.size,
    doneBytes,
    presentBytes,
    unfinished,
    identicalFiles,
    done,
  };
}

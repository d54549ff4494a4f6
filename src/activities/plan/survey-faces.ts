import { type AlignSpec, alignedBytes } from '../../domain/align/align-spec.ts';
import type { ImageId } from '../../domain/dataset/ids.ts';
import { kinds } from '../../domain/kinds.ts';
import { addSwept, type Swept } from '../../domain/run/progress.ts';
import type { AlignRequest } from '../../domain/run/request.ts';
import { recordOfPassing } from '../../domain/verify/passing-file.ts';
import { recordOfDone } from '../../domain/verify/recipe.ts';
import {
  type Incarnation,
  knownOf,
  type VerificationRecord,
} from '../../domain/verify/verification-record.ts';
import { cropsOf } from '../manifest/crop-files.ts';
import { inListedFolders, type ListedFolders, listedPath } from '../partials/folder-survey.ts';
import { sweepBeside } from '../partials/left-partials.ts';
import type { Seen } from '../store/file-info.ts';
import {
  counts,
  isSelected,
  type ShardSurvey,
  type SurveyedStore,
  type SurveyQuestion,
} from './shard-survey.ts';

export interface FacesSurvey extends ShardSurvey {
  readonly identicalFiles: number;
  /** Whose originals nobody needs any more. */
  readonly done: ReadonlySet<ImageId>;
  /** Pictures that lie there, whatever is known of them. */
  readonly pictures: readonly PictureThere[];
}

/** An aligned picture that lies there. */
export interface PictureThere {
  readonly id: ImageId;
  readonly size: number;
  /** The latest that is known of it as it lies there. */
  readonly known: VerificationRecord | undefined;
}

/**
 * Compares the aligned pictures that a folder should have with what is there, by verification records. Those that are
 * there while an original is still to go are listed as unfinished: the look at them lets it go.
 */
export async function surveyFaces(question: SurveyQuestion): Promise<FacesSurvey> {
  const { store, kind, folder, request } = question;
  const { align } = request;
  if (align === undefined || store.crops === undefined)
    throw new Error(`request [kind=${kind}]: expected how to align, got nothing`);
  const crops = await cropsOf(store.caches, store.crops, folder);
  const mayCount = isSelected(question);
  const specs = [...crops.values()].filter(({ id }) => mayCount(id));
  const paths = specs.map(({ output }) => `${align.folder}/${output}`);
  return inListedFolders(store.path, paths, (folders) => surveyIn(question, align, specs, folders));
}

async function surveyIn(
  question: SurveyQuestion,
  align: AlignRequest,
  specs: readonly AlignSpec[],
  folders: ListedFolders,
): Promise<FacesSurvey> {
  const { store, kind, folder, settled } = question;
  const pathOf = ({ output }: AlignSpec) => `${align.folder}/${output}`;
  const [verified, infos, originals] = await Promise.all([
    store.verified.read(store.path, kind, folder),
    lookAtListed(store, folders, specs.map(pathOf)),
    lookAtOriginals(question, specs),
  ]);
  const done = new Set<ImageId>();
  const pictures: PictureThere[] = [];
  let doneFiles = 0;
  let waitingFiles = 0;
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
    if (info?.isFile) pictures.push({ id: spec.id, size, known: knownOf(records, info) });
    const isDone = counts(record, question);
    if (isDone) done.add(spec.id);
    if (isDone && !(spec.expected && originals.passing.has(spec.id))) {
      doneFiles++;
      doneBytes += size;
      swept = addSwept(swept, await sweepBeside(folders, pathOf(spec), store.sweeper));
      if (spec.expected) identicalFiles++;
    } else if (settled.has(spec.id)) continue;
    else if (isDone || !originals.toCome.has(spec.id)) unfinished.push({ id: spec.id, size });
    else waitingFiles++;
  }
  return {
    files: specs.length,
    bytes,
    ...{ doneFiles, doneBytes, presentBytes, unfinished, identicalFiles, swept, waitingFiles },
    ...{ done, pictures },
    holdsOriginals: originals.passing.size > 0,
  };
}

/** Records by what is known of their originals: still to come, or there and to go once they have served. */
async function lookAtOriginals(
  { store, folder, request, originalsToCome = false }: SurveyQuestion,
  specs: readonly AlignSpec[],
): Promise<{ readonly passing: ReadonlySet<ImageId>; readonly toCome: ReadonlySet<ImageId> }> {
  const passing = new Set<ImageId>();
  const toCome = new Set<ImageId>();
  const { discardOriginals, sourceDir } = request.align ?? {};
  const mayGo = discardOriginals === true && request.fetch === 'missing';
  if ((!mayGo && !originalsToCome) || sourceDir !== undefined) return { passing, toCome };
  const paths = specs.map(({ original }) => original.path);
  const [verified, infos] = await Promise.all([
    store.verified.read(store.path, kinds.align.madeOf, folder),
    inListedFolders(store.path, paths, (folders) => lookAtListed(store, folders, paths)),
  ]);
  for (const [nth, { id, original }] of specs.entries()) {
    const info = infos[nth];
    const seen = info?.isFile ? info : undefined;
    const records = verified.get(original.path);
    if (mayGo && seen && recordOfPassing(records, seen)) passing.add(id);
    if (originalsToCome && !isVouchedFor(original, records, seen)) toCome.add(id);
  }
  return { passing, toCome };
}

/** What lies at these paths relative to OUT, in their order. */
async function lookAtListed(
  { looks, signal }: Pick<SurveyedStore, 'looks' | 'signal'>,
  folders: ListedFolders,
  files: readonly string[],
): Promise<(Seen | undefined)[]> {
  const paths = files.map((file) => listedPath(folders, file));
  const there = paths.filter((path) => path !== undefined);
  const seen = await looks.look(there, signal);
  let next = 0;
  return paths.map((path) => (path === undefined ? undefined : seen[next++]));
}

/** Verified, and unchanged since: what lies there otherwise may still be replaced. */
function isVouchedFor(
  { md5 }: AlignSpec['original'],
  records: readonly VerificationRecord[] | undefined,
  there: Incarnation | undefined,
): boolean {
  const known = there && knownOf(records, there);
  return (
    known !== undefined &&
    known.how !== 'damaged' &&
    (md5 === undefined || known.md5 === md5 || known.accepted !== undefined)
  );
}

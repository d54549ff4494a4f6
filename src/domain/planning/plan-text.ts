import { askedFiles } from '../dataset/asked-files.ts';
import type { Md5 } from '../dataset/ids.ts';
import { parseIds } from '../dataset/ids.ts';
import { officialManifest, officialTotals } from '../dataset/reference-files.ts';
import { isLargeFileKind, type TaskKind } from '../kinds.ts';
import type { SelectionProgress } from '../run/progress.ts';
import { askedIds, type RunRequest } from '../run/request.ts';
import { formatBytes, formatCount, formatDuration, formatFiles, oneLine } from '../words/format.ts';
import { selectionWords } from '../words/selection.ts';
import { table } from '../words/table.ts';
import type { PlanFigures, PlannedKind } from './figures.ts';

/** What a run would do, as the planner sees it from here. */
export interface LocalPlan {
  readonly kinds: readonly PlannedKind[];
  /** Bytes free where OUT lies, and what is to be left of them. */
  readonly freeBytes: number;
  readonly reserveBytes: number;
  /** Bytes to be written beyond what is on the disk. */
  readonly neededBytes: number;
  /** Bytes that lie there and that no record of this key vouches for: they are read before anything is fetched. */
  readonly unreadBytes: number;
  /** What it asks of file system, source and time; absent where that is not known yet. */
  readonly figures?: PlanFigures;
  /** Where some records were asked for. */
  readonly selection?: SelectionProgress & { readonly digest?: string };
  /** Parts of the selection that only the manifest tells: the figures are of more than will be fetched. */
  readonly untold?: string;
  /** Of the manifest that it was made with. */
  readonly manifestMd5?: Md5;
  /** True when no manifest is at hand and the figures are the official dataset's known totals. */
  readonly knownTotalsOnly: boolean;
}

/** The plan when nobody has the manifest yet: what is publicly known of the official dataset. */
export function planFromKnownTotals(
  request: RunRequest,
  space: Pick<LocalPlan, 'freeBytes' | 'reserveBytes'>,
): LocalPlan {
  const json = {
    kind: 'json' as const,
    files: 1,
    bytes: officialManifest.size,
    thereFiles: 0,
    thereBytes: 0,
  };
  const kinds = [json, ...request.kinds.map((kind) => plannedTotals(kind, request))];
  return {
    kinds,
    ...space,
    neededBytes: kinds.reduce((sum, { bytes }) => sum + bytes, 0),
    unreadBytes: 0,
    knownTotalsOnly: true,
  };
}

function figureLines(figures: PlanFigures): string[] {
  const { inodes, time } = figures;
  const free = inodes.free === undefined ? '' : `, ${formatCount(inodes.free)} free`;
  const left = inodes.free === undefined || inodes.free >= inodes.needed ? '' : ': too few';
  return [
    `inodes: about ${formatCount(inodes.needed)} needed${free}${left}`,
    ...requestLines(figures),
    ...(time === undefined
      ? []
      : [
          `time: ${formatDuration(time.seconds)} at ${formatBytes(time.bytesPerSecond)}/s, ` +
            (time.isMeasured ? 'as measured when this folder was filled' : 'as given by --rate'),
        ]),
  ];
}

/** How often each source is asked, and what nobody can know of that before. */
export function requestLines({
  requests,
  others = [],
  copies,
}: Pick<PlanFigures, 'requests' | 'others' | 'copies'>): string[] {
  const named = ({ source }: PlanFigures['requests']) => oneLine(source, 80);
  const behind = others.map((one, at) => {
    const before = at === 0 ? `${named(requests)} does` : 'those before do';
    const most = `at most ${formatCount(one.requests)}`;
    return one.atLeast === undefined
      ? `${most} to ${named(one)}, for what ${before} not give`
      : `${formatCount(one.atLeast)} to ${named(one)}, ${most} with what ${before} not give`;
  });
  return [
    ['requests: ', [`${formatCount(requests.requests)} to ${named(requests)}`, ...behind].join('; ')].join(
      '',
    ),
    ...(others.length === 0
      ? []
      : [
          'of several sources the first is counted for all that it may have, the next for what is left: who has or refuses ' +
            'what nobody knows before',
        ]),
    ...(copies === undefined
      ? []
      : [
          `of these files ${formatCount(copies.files)} are copied of others with the same bytes: nobody is asked for them`,
        ]),
  ];
}

export function planLines(plan: LocalPlan): string[] {
  const rows = [
    ['', 'files', 'bytes', 'there', 'missing', 'to fetch'],
    ...plan.kinds.map(({ kind, files, bytes, thereFiles, thereBytes }) => [
      kind,
      formatCount(files),
      formatBytes(bytes),
      formatCount(thereFiles),
      formatCount(files - thereFiles),
      formatBytes(bytes - thereBytes),
    ]),
  ];
  const missing = plan.kinds.reduce((sum, { files, thereFiles }) => sum + files - thereFiles, 0);
  const missingBytes = plan.kinds.reduce((sum, { bytes, thereBytes }) => sum + bytes - thereBytes, 0);
  const { neededBytes: needed, unreadBytes } = plan;
  const left = plan.freeBytes - needed - plan.reserveBytes;
  return [
    ...(plan.selection === undefined ? [] : [`selection: ${selectionWords(plan.selection)}`]),
    ...(plan.untold === undefined
      ? []
      : [`what ${plan.untold} leaves only the manifest tells: these figures are of all that it may leave`]),
    ...table(rows, 'right'),
    missing === 0 ? 'everything is there' : `missing: ${formatFiles(missing)}, ${formatBytes(missingBytes)}`,
    ...(unreadBytes === 0
      ? []
      : [`of these ${formatBytes(unreadBytes)} lie there already: they are read before anything is fetched`]),
    `space: ${formatBytes(needed)} needed, ${formatBytes(plan.freeBytes)} free, ${formatBytes(plan.reserveBytes)} to be left: ` +
      (left >= 0 ? 'enough' : `${formatBytes(-left)} too little`),
    ...(plan.figures === undefined ? [] : figureLines(plan.figures)),
    ...(plan.knownTotalsOnly
      ? [
          'no manifest at hand: these are the known totals of the official dataset, with nothing counted as there',
        ]
      : []),
    'nothing was started (--dry-run)',
  ];
}

/** What the official dataset has of a kind, or the records that are asked for of it. */
export function plannedTotals(
  kind: TaskKind,
  request: Pick<RunRequest, 'ids' | 'idsOf' | 'zips'>,
): PlannedKind {
  const { files, approximateBytes } = officialTotals[kind];
  if (isLargeFileKind(kind)) {
    const asked = askedFiles(kind, request);
    const bytes = asked.reduce((sum, { size }) => sum + size, 0);
    return { kind, files: asked.length, bytes, thereFiles: 0, thereBytes: 0 };
  }
  const ids = askedIds(request, kind);
  if (ids === undefined) {
    return { kind, files, bytes: approximateBytes, thereFiles: 0, thereBytes: 0 };
  }
  const asked = parseIds(ids).filter((id) => id < files).length;
  const bytes = Math.round((approximateBytes * asked) / files);
  return { kind, files: asked, bytes, thereFiles: 0, thereBytes: 0 };
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { contactSheetOf } from '../../activities/describe/contact-sheet.ts';
import { folderContent } from '../../activities/describe/folder-content.ts';
import { type ReadReport, readReport } from '../../activities/report/read-report.ts';
import { programVersion } from '../../activities/report/versions.ts';
import { readTimeline } from '../../activities/timeline/read-timeline.ts';
import { MANIFEST_FILE, statePaths } from '../../domain/dataset/layout.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import type { RunFacts } from '../../domain/page/run-facts.ts';
import { membersOf } from '../../domain/parsed-json.ts';
import type { SpokenAs } from '../../domain/words/spoken-as.ts';
import { readTallies } from '../../runs/foreign/read-answers.ts';
import { chosenRecords, LeftOut } from '../describe/chosen-records.ts';
import type { ReportAsk } from './report-flags.ts';

/** What the last run that ended left in the folder; undefined where none did. */
export async function endedRun(ask: ReportAsk): Promise<RunFacts | undefined> {
  const { context, out } = ask;
  const path = join(out, statePaths.reportJson);
  const read = await readReport(path, context.interrupt).catch((error: unknown) => {
    if (isAway(error)) return 'none' as const;
    throw error;
  });
  if (read === 'none') return undefined;
  const facts = read === undefined ? undefined : factsOf(read);
  if (facts === undefined)
    throw refused(`report [path=${path}]: expected one as this version writes it, got another text`);
  return {
    ...facts,
    ...(await contentOf(ask)),
    ...(await courseOf(out, read)),
  };
}

export function noReport(path: string, spoken: SpokenAs): string {
  return `report [path=${path}]: expected the report of a finished run, got none; see \`${spoken('status')}\``;
}

export function isAway(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Of the records that flags choose. */
export async function contentOf({
  context,
  values,
  out,
  flags,
}: ReportAsk): Promise<Pick<RunFacts, 'content' | 'faces'>> {
  const hasManifest = existsSync(join(out, MANIFEST_FILE));
  const leftOut = new LeftOut();
  const records = chosenRecords(context, values, out, leftOut);
  const found = hasManifest ? await folderContent(out, records, flags.faces) : undefined;
  if (found === undefined) return { content: undefined, faces: [] };
  const content = { ...found.content, excluded: leftOut.records };
  return { content, faces: await contactSheetOf(out, found.faces, context.interrupt) };
}

async function courseOf(out: string, read: ReadReport | undefined): Promise<Pick<RunFacts, 'timeline'>> {
  const run = read?.head.run;
  return { timeline: typeof run === 'string' ? await readTimeline(out, run) : [] };
}

/** The file may be anybody's: what is not as this program writes it makes no fact. */
function factsOf({ head, failures }: ReadReport): RunFacts | undefined {
  const { workflowId, status, finishedAt, out, request, records, manifestMd5, selection, foreign } = head;
  const kinds = readTallies(head.kinds);
  if (kinds === undefined || !isText(workflowId) || !isText(status) || !isText(finishedAt)) return undefined;
  const { words, digest } = membersOf(selection);
  const { count, first, closed } = membersOf(foreign);
  return {
    ...{ version: programVersion, madeAt: new Date().toISOString(), failures, kinds },
    ...{ workflowId, status, finishedAt, out: isText(out) ? out : '', asked: membersOf(request) },
    versions: Object.entries(membersOf(head.versions))
      .slice(0, 20)
      .flatMap(([name, version]) => (isText(version) ? [[name, version] as const] : [])),
    records: typeof records === 'number' ? records : undefined,
    manifestMd5: isText(manifestMd5) ? manifestMd5 : undefined,
    selection: isText(words) ? { words, ...(isText(digest) ? { digest } : {}) } : undefined,
    foreign: {
      count: typeof count === 'number' ? count : 0,
      first: textsOf(first),
      closed: textsOf(closed),
    },
    ...{ timeline: [], faces: [] },
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}

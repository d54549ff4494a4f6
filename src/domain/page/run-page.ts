import { type FileKind, fileKinds, kinds as kindRows } from '../kinds.ts';
import { type Html, html, joinedHtml, linkedHtml } from '../quoting/html.ts';
import { sumOfTallies, type Tally } from '../run/progress.ts';
import { formatBytes, formatCount, formatDuration, formatPercent, formatTime } from '../words/format.ts';
import { shareDone } from '../words/tally.ts';
import { contactSheet, contentSections } from './content-section.ts';
import { courseSection } from './course-section.ts';
import { documentOf } from './document.ts';
import { failureSection } from './failure-section.ts';
import { bars, cards, coded, facts, folded, section, table, text } from './parts.ts';
import type { RunFacts } from './run-facts.ts';
import { type Course, courseOf } from './timeline-columns.ts';

/** Everything about one run, as one HTML page that needs nothing else. */
export function runPage(
  run: RunFacts,
  { script, key }: { readonly script?: Html; readonly key?: string } = {},
): Html {
  const isLive = script !== undefined;
  const end = run.finishedAt === undefined ? run.madeAt : run.finishedAt;
  const course = courseOf(run.timeline, timeOf(end));
  return documentOf({
    title: `${run.status}: ${run.workflowId}`,
    header: header(run, isLive),
    main: joinedHtml([
      figures(run, course),
      nowSection(run),
      outcomes(run),
      failureSection(run.failures),
      courseSection(course),
      sources(run),
      askedSection(run),
      foreignSection(run),
      contentSections(run.content),
      contactSheet(run.faces),
    ]),
    footer: html`<p>${text(`Made by ffhq ${run.version}, ${formatTime(run.madeAt)}. ${isLive ? 'It asks only the command that made it.' : 'It asks nobody for anything.'}`)}</p>`,
    script,
    key,
  });
}

function header({ status, workflowId, out, finishedAt, now }: RunFacts, isLive: boolean): Html {
  const look =
    status === 'complete' ? html`good` : /fail|cancel|terminat|timed/.test(status) ? html`bad` : html`warn`;
  const when = finishedAt === undefined ? html`` : html`, finished ${text(formatTime(finishedAt))}`;
  const link =
    now?.ui === undefined ? html`` : html`<p>${linkedHtml('This run in the Temporal UI', now.ui, 80)}</p>`;
  const live = isLive ? html`<p id="live" class="soft">Live: looks again every two seconds.</p>` : html``;
  return html`<h1>${text(out, 300)}</h1><p><span class="status ${look}">${text(status, 80)}</span>${when} <span class="soft">run ${coded(workflowId)}</span></p>${link}${live}`;
}

function figures({ kinds, failures, now }: RunFacts, course: Course | undefined): Html {
  const sum = sumOfTallies(Object.values(kinds));
  const seconds = course === undefined ? undefined : (course.to - course.from) / 1000;
  return cards([
    [formatCount(sum.doneFiles), `of ${formatCount(sum.files)} files there and verified`],
    [formatBytes(sum.doneBytes), 'there and verified'],
    [formatCount(sum.fetchedFiles), 'fetched or made by this run'],
    [formatCount(Math.max(failures.count, sum.failedFiles)), 'failed'],
    ...(seconds === undefined
      ? []
      : [
          [
            formatDuration(seconds),
            now === undefined ? 'from the first file to the end' : 'since the first file',
          ] as const,
        ]),
  ]);
}

function nowSection({ now }: RunFacts): Html {
  if (now === undefined || now.lines.length === 0) return html``;
  const lines = now.lines.map((line) => html`<p>${text(line, 500)}</p>`);
  return section('Now', joinedHtml(lines));
}

function outcomes({ kinds }: RunFacts): Html {
  const rows = fileKinds.flatMap((kind) => {
    const tally = kinds[kind];
    return tally === undefined ? [] : [outcomeRow(kind, tally)];
  });
  if (rows.length === 0) return html``;
  const titles = [
    'Wanted',
    'Verified',
    'Share',
    'Bytes',
    'By this run',
    'Identical',
    'By pixels',
    'Deferred',
    'Failed',
  ];
  const columns = [{ title: 'Kind' }, ...titles.map((title) => ({ title, form: 'n' as const }))];
  // What no kind has a figure for is no column.
  const isFilled = columns.map((_, at) => rows.some((cells) => cells[at] !== ''));
  const filled = <Item>(all: readonly Item[]): Item[] => all.filter((_, at) => isFilled[at] === true);
  return section('Outcome', table(filled(columns), rows.map(filled)));
}

function outcomeRow(kind: FileKind, tally: Tally): Html[] {
  const failed = formatCount(tally.failedFiles);
  const share = shareDone(tally);
  return [
    text(kind),
    text(formatCount(tally.files)),
    text(formatCount(tally.doneFiles)),
    text(formatPercent(tally.doneFiles < tally.files ? Math.min(share, 0.999) : share)),
    text(tally.doneBytes > 0 ? formatBytes(tally.doneBytes) : ''),
    text(`${formatCount(tally.fetchedFiles)} ${kindRows[kind].obtained}`),
    text(orEmpty(tally.identicalFiles)),
    text(orEmpty(tally.acceptedFiles)),
    text(orEmpty(tally.deferredFiles)),
    tally.failedFiles > 0 ? html`<span class="bad">${text(failed)}</span>` : text(failed),
  ];
}

function orEmpty(count: number | undefined): string {
  return count ? formatCount(count) : '';
}

function sources({ kinds }: RunFacts): Html {
  const given = Object.entries(sumOfTallies(Object.values(kinds)).sources ?? {});
  if (given.length === 0) return html``;
  given.sort(([, one], [, other]) => other.files - one.files);
  const rows = given.map(([name, { files, bytes }]) => [
    text(name, 80),
    text(formatCount(files)),
    text(formatBytes(bytes)),
  ]);
  return section(
    'Where it came from',
    bars(given.map(([name, { files }]) => [name, files] as const)),
    table([{ title: 'Source' }, { title: 'Files', form: 'n' }, { title: 'Bytes', form: 'n' }], rows),
  );
}

/** Fields of a request as people call them; those of other versions stand as they are. */
const askedWords: ReadonlyMap<string, string> = new Map([
  ['kinds', 'files'],
  ['license', 'licence texts'],
  ['allowedHosts', 'hosts allowed'],
  ['trust', 'goes by'],
  ['fetch', 'fetches'],
  ['numAttempts', 'attempts at a file'],
  ['ids', 'ids'],
  ['accept', 'accepts'],
  ['align', 'aligning'],
]);

function askedSection(run: RunFacts): Html {
  const { asked, selection } = run;
  const rows = Object.entries(asked)
    .slice(0, 40)
    .map(([name, value]) => [askedWords.get(name) ?? name.slice(0, 60), text(wordsOf(value))] as const);
  return section(
    'What was asked',
    facts([
      ...rows,
      ...(selection === undefined ? [] : [['only', text(selection.words)] as const]),
      ...(selection?.digest === undefined ? [] : [['SHA-256 of its ids', coded(selection.digest)] as const]),
    ]),
    versionFacts(run),
  );
}

function versionFacts({ versions, manifestMd5, records }: RunFacts): Html {
  const rows = [
    ...versions.map(([name, version]) => [name, text(version, 80)] as const),
    ...(manifestMd5 === undefined ? [] : [['manifest (MD5)', coded(manifestMd5)] as const]),
    ...(records === undefined ? [] : [['records', text(formatCount(records))] as const]),
  ];
  return rows.length === 0 ? html`` : html`<h3>Versions</h3>${facts(rows)}`;
}

/** A value of the request in words, whatever version wrote it: `NAME, path /data`. */
function wordsOf(value: unknown, depth = 0): string {
  if (value === null || typeof value !== 'object') return String(value);
  if (depth > 3) return '...';
  const isName = (key: string) => key === 'name' && !Array.isArray(value);
  const parts = Object.entries(value)
    .slice(0, 60)
    .sort(([one], [other]) => Number(isName(other)) - Number(isName(one)))
    .map(([key, member]) => {
      const words = wordsOf(member, depth + 1);
      return Array.isArray(value) || isName(key) ? words : `${key} ${words}`;
    });
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function foreignSection({ foreign }: RunFacts): Html {
  if (foreign === undefined || foreign.count + foreign.closed.length === 0) return html``;
  const list = (paths: readonly string[]) =>
    html`<ul>${joinedHtml(paths.slice(0, MOST_FOREIGN).map((path) => html`<li>${coded(path)}</li>`))}</ul>`;
  return section(
    'Left alone',
    foreign.count === 0
      ? html``
      : folded(`${formatCount(foreign.count)} files that no record names`, list(foreign.first)),
    foreign.closed.length === 0
      ? html``
      : folded('Folders that could not be looked into', list(foreign.closed)),
  );
}

/** Those beyond stand in the report's text. */
const MOST_FOREIGN = 200;

function timeOf(iso: string): number | undefined {
  const time = Date.parse(iso);
  return Number.isFinite(time) ? time : undefined;
}

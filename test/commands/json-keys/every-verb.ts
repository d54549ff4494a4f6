import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { flagsFor } from '../../support/arrived-files.ts';
import { serveDataset } from '../../support/datasets/serve-dataset.ts';
import { eventually } from '../../support/eventually.ts';
import { type Ended, User, within } from '../../support/processes.ts';
import { type Shape, ShapeOf } from './shape.ts';

/** How each command of a tour through all verbs ended, and what its events held. */
export interface Tour {
  readonly exitCodes: Readonly<Record<string, number | null>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const picture = 'images1024x1024/00000/00001.png';
const json = ['--output', 'json'];
/** Said only where another command, of this tour too, happens to begin or end at the same moment. */
const WAITS = /is starting or stopping the embedded server: waiting$/;

/** Gives every verb's command at least once, to the program of a checkout. */
export async function tourOfVerbs(checkout?: string): Promise<Tour> {
  const dataset = await serveDataset({
    records: 3,
    pngSize: { images: 64, thumbs: 16, wilds: 32 },
    noiseBits: 8,
  });
  onTestFinished(() => dataset.close());
  const { drive, sample, out } = dataset;
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: drive.origin }, checkout);
  const exitCodes: Record<string, number | null> = {};
  const shapes = new Map<string, ShapeOf>();
  const note = (scene: string, { code, output }: Ended) => {
    exitCodes[scene] = code;
    // A worker's own log is JSON too, on the other stream.
    const lines = output.split('\n').filter((line) => line.startsWith('{'));
    const events = lines.map((line) => JSON.parse(line)).filter((value) => 'event' in value);
    const ofTheVerb = events.filter(({ event, text }) => event !== 'note' || !WAITS.test(text));
    const known = shapes.get(scene) ?? new ShapeOf();
    shapes.set(scene, known);
    known.addCommand(ofTheVerb);
  };
  const give = async (scene: string, ...words: string[]) => note(scene, await user.run([...words, ...json]));
  const all = flagsFor(dataset);
  const images = all.filter((flag) => flag !== '-w' && flag !== '-t');

  // The stand-in has no licence text of Drive's own.
  await give('doctor', 'doctor', '--out', out);
  await give('refused input', 'run', '--imagse');
  await give('server away', 'list', '--address', '127.0.0.1:9');
  const server = user.start(['server', ...json]);
  await server.says(/Ctrl-C stops it/);

  // One image is not to be had.
  drive.behave(dataset.idOf(picture), { kind: 'missing' });
  await give('run with failures', 'run', ...all, '--stats');
  await give('report with failures', 'report', '--out', out);
  await give('status of a run with failures', 'status', '--out', out);
  drive.behave(dataset.idOf(picture), undefined);
  await give('run', 'run', ...all, '--align', '--align_threads', '1');
  await give('run --dry-run', 'run', '--dry-run', ...all, '--manifest', sample.manifestPath);
  writeFileSync(join(out, 'images1024x1024/foreign.txt'), 'mine');
  writeFileSync(join(out, picture), 'damaged');
  await give('verify', 'verify', '--out', out, ...json);
  await give('verify --repair', 'verify', '--repair', '-i', '--out', out);
  await give('report', 'report', '--out', out);
  await give('stats', 'stats', '--out', out);
  await give('licenses', 'licenses', '--out', out);
  await give('attribution', 'attribution', '--out', out);
  await give('search', 'search', 'e', '--out', out);
  await give('search for nobody', 'search', 'nobody of this name', '--out', out);
  await give('show', 'show', '1', '--out', out, '--to', join(user.folder, 'page.html'));
  await give('report as a page', 'report', '--format', 'html', '--out', out);
  await give('metadata', 'metadata', '--out', out, '--sha256', '--format', 'croissant,bagit', '-i');
  await give('status of an ended run', 'status', '--out', out);
  await give('watch of an ended run', 'watch', '--out', out);

  // A run that nobody works for, then one that a worker of its own works for, slowly.
  rmSync(join(out, 'images1024x1024'), { recursive: true });
  const slow = [...sample.files].filter(([, { filePath }]) => filePath.startsWith('images1024x1024/0'));
  for (const [id] of slow) drive.behave(id, { kind: 'drip', bytesPerSecond: 80 });
  await give('start', 'start', ...images);
  await give('start again', 'start', ...images);
  await give('pause without a worker', 'pause', '--out', out);
  const worker = user.start(['worker', '--reserve', '0', '--chunk_size', '1', ...json]);
  await eventually('bytes', () => drive.requests.some(({ closed, bytesSent }) => !closed && bytesSent > 80));
  await give('status', 'status', '--out', out);
  await give('list', 'list');
  await give('pause', 'pause', '--out', out);
  await give('status of a paused run', 'status', '--out', out);
  await give('resume', 'resume', '--out', out);
  await give('retry-now, with nothing that waits', 'retry-now', '--out', out);
  await give('set', 'set', '--out', out, '--bwlimit', 'off');
  const served = user.start(['report', '--watch', '--out', out, ...json]);
  const [, page = ''] = await served.says(/"url":"(http[^"]+)"/);
  await eventually('a page of the run', async () => {
    const text = await (await fetch(page)).text();
    return text.includes('>running<') && text.includes('This run in the Temporal UI');
  });
  served.signal('SIGINT');
  note('report --watch, interrupted', await within(served.ended, 'the end of the page'));
  const watching = user.start(['watch', '--out', out, ...json]);
  const left = user.start(['watch', '--out', out, ...json]);
  await Promise.all([watching, left].map((command) => command.says(/"event":"progress"/)));
  left.signal('SIGINT');
  note('watch, interrupted', await within(left.ended, 'the end of watch'));
  const running = user.start(['run', ...images, ...json]);
  await running.says(/"event":"progress"/);
  running.signal('SIGINT');
  note('run, interrupted', await within(running.ended, 'the end of run'));
  await give('cancel', 'cancel', '--out', out);
  note('watch of a cancelled run', await within(watching.ended, 'the end of watch'));
  await give('cancel of an ended run', 'cancel', '--out', out);
  worker.signal('SIGINT');
  note('worker', await within(worker.ended, 'the end of the worker'));
  await give('start, to be ended', 'start', ...images);
  await give('cancel --force', 'cancel', '--force', '--out', out);
  await give('status of a terminated run', 'status', '--out', out);
  for (const [id] of slow) drive.behave(id, undefined);

  await give('exclude', 'exclude', '--ids', '1', '--reason', 'asked for it', '--out', out);
  await give('exclude --list', 'exclude', '--list', '--out', out);
  writeFileSync(join(user.folder, 'found.csv'), 'https://www.flickr.com/photos/anna/1,private\n');
  await give('check-flickr', 'check-flickr', '--from', 'found.csv', '--out', out);
  await give('purge', 'purge', '--delete-archives', '--out', out);

  const photos = join(user.folder, 'photos');
  mkdirSync(photos);
  copyFileSync(join(sample.folder, 'in-the-wild-images/00000/00000.png'), join(photos, 'anna.png'));
  const points: number[][] = JSON.parse(readFileSync(sample.manifestPath, 'utf8'))['0'].in_the_wild
    .face_landmarks;
  const landmarks = join(user.folder, 'faces.csv');
  writeFileSync(landmarks, `anna.png,${points.flat().join(',')}\n`);
  await give(
    'align-photos',
    'align-photos',
    photos,
    '--landmarks',
    landmarks,
    '--out',
    join(user.folder, 'faces'),
  );
  server.signal('SIGINT');
  note('server', await within(server.ended, 'the end of the server'));
  return {
    exitCodes,
    shapes: Object.fromEntries([...shapes].map(([scene, seen]) => [scene, seen.shape()])),
  };
}

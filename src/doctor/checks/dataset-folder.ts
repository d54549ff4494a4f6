import { randomBytes } from 'node:crypto';
import { accessSync, constants, realpathSync, statfsSync, statSync } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { askedFiles } from '../../domain/dataset/asked-files.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { officialTotals } from '../../domain/dataset/reference-files.ts';
import { isLargeFileKind, taskKinds } from '../../domain/kinds.ts';
import { plannedTotals } from '../../domain/planning/plan-text.ts';
import { formatBytes, formatCount } from '../../domain/words/format.ts';
import { type Answer, type Finding, note, ok, problem } from '../finding.ts';
import { lookAt, mountWords, type Place } from '../place.ts';
import type { Question } from '../question.ts';
import { refusalOf } from '../said.ts';

const FOLDER = 'dataset folder';
const WRITE = 'writing there';
const ROOM = 'room';
const ELSEWHERE = 'give another folder with --out, or let this user write to it';

/** The folder of `--out`: what it lies on, whether it can be written to, and what fits. */
export default async function checkDatasetFolder(question: Question): Promise<Answer> {
  const { out, project } = question;
  let place: Place;
  try {
    place = lookAt(out);
  } catch (error) {
    return { findings: [problem(FOLDER, `${out}: expected a folder, got ${refusalOf(error)}`, ELSEWHERE)] };
  }
  if (!place.info.isDirectory()) {
    const found = `${place.nearest}: expected a folder, got something else`;
    return { findings: [problem(FOLDER, found, 'give another folder with --out')] };
  }
  if (place.isThere && place.real === realOf(project)) {
    const found = `${out}: the project's own folder, which a dataset would bury`;
    return { findings: [problem(FOLDER, found, 'give a folder with --out')] };
  }
  return { findings: [folderFinding(out, place), await writeFinding(place), roomFinding(question, place)] };
}

function folderFinding(out: string, place: Place): Finding {
  const { mount, fileSystem, isThere, nearest } = place;
  const there = isThere ? out : `${out} (will be made in ${nearest})`;
  const found = `${there} on ${mountWords(place)}`;
  if (mount?.isReadOnly) {
    return problem(FOLDER, `${found}, which can only be read`, 'mount it for writing, or give another --out');
  }
  if (fileSystem === undefined) return ok(FOLDER, found);
  const { status, words, todo } = fileSystem;
  return { check: FOLDER, status, found: `${found}: ${words}`, ...(todo === undefined ? {} : { todo }) };
}

/** A file that has no name any more before the first byte: nothing of it stays, whatever ends this process. */
async function writeFinding({ isThere, nearest }: Place): Promise<Finding> {
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
    if (!isThere) return ok(WRITE, 'the folder can be made');
    const path = join(nearest, `.ffhq-doctor-${randomBytes(8).toString('hex')}`);
    const handle = await open(path, 'wx', 0o600);
    try {
      await unlink(path);
      await handle.writeFile('written\n');
      await handle.sync();
    } finally {
      await handle.close();
    }
    return ok(WRITE, 'a file was made, written, synced and removed');
  } catch (error) {
    return problem(WRITE, `expected that a file can be written, got ${refusalOf(error)}`, ELSEWHERE);
  }
}

function roomFinding(question: Question, place: Place): Finding {
  const { bavail, bsize, files, ffree } = statfsSync(place.nearest);
  const free = bavail * bsize;
  // Many file systems make inodes as they need them, and count none.
  const inodes = files > 0 ? ffree : undefined;
  const counted = inodes === undefined ? 'any number of files' : `${formatCount(inodes)} files`;
  const there = `${formatBytes(free)} and ${counted} free`;
  const left = free - question.reserveBytes;
  if (left <= 0) {
    const found = `${there}: less than the reserve of ${formatBytes(question.reserveBytes)}`;
    return problem(ROOM, found, 'make room, give another --out, or a smaller --reserve');
  }
  if (question.manifest.name !== 'official') {
    return note(ROOM, `${there}; what another manifest takes, \`--dry-run\` tells`);
  }
  return question.kinds.length === 0
    ? whatFits(there, left, inodes)
    : needed(question, place, there, left, inodes);
}

function whatFits(there: string, left: number, inodes: number | undefined): Finding {
  const words = taskKinds.map((kind) => {
    const { files, approximateBytes } = officialTotals[kind];
    const isRoom = approximateBytes <= left && files <= (inodes ?? files);
    return `--${kind} (${formatBytes(approximateBytes)}) ${isRoom ? 'fits' : 'does not fit'}`;
  });
  return ok(ROOM, `${there}; of the whole dataset ${words.join(', ')}`);
}

function needed(
  question: Question,
  place: Place,
  there: string,
  left: number,
  inodes: number | undefined,
): Finding {
  const { ids, zips } = question;
  const asked = { ...(ids === undefined ? {} : { ids }), ...(zips === undefined ? {} : { zips }) };
  const totals = question.kinds.map((kind) => plannedTotals(kind, asked));
  const bytes = totals.reduce((sum, total) => sum + total.bytes, 0);
  const files = totals.reduce((sum, total) => sum + total.files, 0);
  const found = `${there}; the whole of it takes ${formatBytes(bytes)} in ${formatCount(files)} files`;
  const largest = place.fileSystem?.largestFile;
  const large = question.kinds.filter(isLargeFileKind).flatMap((kind) => askedFiles(kind, asked));
  const tooLarge = large.filter((file) => file.size > (largest ?? file.size)).length;
  if (largest !== undefined && tooLarge > 0) {
    return problem(
      ROOM,
      `${found}, ${tooLarge} of them larger than the ${formatBytes(largest)} that a file may have here`,
      'give a folder on another file system with --out',
    );
  }
  if (bytes <= left && files <= (inodes ?? files)) return ok(ROOM, found);
  // What was fetched before takes its room already.
  if (isBegun(question.out)) {
    return note(
      ROOM,
      `${found}, less what is there already`,
      'give the run with --dry-run: it counts what is there',
    );
  }
  return problem(ROOM, found, 'make room, give another --out, or fetch a part with --ids');
}

function isBegun(out: string): boolean {
  return statSync(join(out, statePaths.store), { throwIfNoEntry: false }) !== undefined;
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

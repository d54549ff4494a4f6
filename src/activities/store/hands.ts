import { type FileHandle, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import type { FileKind } from '../../domain/kinds.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import { Slots } from '../../domain/run/slots.ts';
import { DiedInHandError } from '../alone/run-alone.ts';
import { atFile, inFolderAt, pathIn } from '../folders/held-folder.ts';
import { createAnew, readText } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import type { Seal } from '../records/seal.ts';
import { writeFileAtomically } from './atomic-file.ts';
import type { WriterProcess } from './writer.ts';

/*
 * What a file's bytes can do to a process: a decoder crashes, or memory runs out and the system kills. Then every next
 * attempt would die of the same file, for ever. So each worker process keeps a note in the store of the files that it has
 * in hand (verifying or aligning them), and who finds the note of a process that is gone holds them suspect. Being in hand
 * at a kill proves nothing, since people and machines kill workers for reasons of their own. A suspect is therefore tried
 * alone, in a process of its own, which dies in the worker's place:
 *
 * - it is right: suspicion ends;
 * - that process dies while its worker lives on, and does so again at the next attempt: the file is given up;
 * - the worker dies along with it (where the system ends a whole container): the file is given up after MOST_ENDINGS.
 *
 * So whoever kills workers, however often, has no file given up: it takes the death of processes that he does not mean.
 * Nor does whoever may write to the folder: a note counts with the mark of our key alone.
 */

/** Of processes of its own; the worker that died before it was suspect is not counted. */
const MOST_DEATHS = 2;

/** Of workers, one after another, each while it tried this one file. A trial takes half a second, a life far longer. */
const MOST_ENDINGS = 5;

/** Runs whose notes stay open. */
const OPEN_NOTES = 4;

export interface FileInHand {
  readonly kind: FileKind;
  readonly key: string;
}

interface Suspicion {
  readonly deaths: number;
  readonly endings: number;
}

interface Note extends FileInHand, Suspicion {
  /** It is tried alone. */
  readonly alone?: true;
}

/** The notes of one worker process; one per process. */
export class Hands {
  readonly #writer: WriterProcess;
  readonly #seal: Seal;
  readonly #trials = new Slots(1);
  readonly #runs = new Map<string, NotesOfRun>();

  constructor(writer: WriterProcess, seal: Seal) {
    this.#writer = writer;
    this.#seal = seal;
  }

  /** Of one run on one folder, as the disk has it now. */
  async ofRun(storePath: string, run: string): Promise<NotesOfRun> {
    const folder = pathIn(storePath, statePaths.hands(run));
    let notes = this.#runs.get(folder);
    if (notes === undefined) {
      notes = new NotesOfRun(folder, this.#writer, this.#trials, new SealedNotes(run, this.#seal));
      const idle = [...this.#runs].find(([, old]) => old.isIdle);
      if (idle && this.#runs.size >= OPEN_NOTES) {
        this.#runs.delete(idle[0]);
        await idle[1].close();
      }
      this.#runs.set(folder, notes);
    }
    await notes.read();
    return notes;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((notes) => notes.close()));
    this.#runs.clear();
  }
}

export class NotesOfRun {
  readonly #folder: string;
  readonly #writer: WriterProcess;
  readonly #trials: Slots;
  readonly #sealed: SealedNotes;
  readonly #inHand = new Set<Note>();
  readonly #suspects = new Map<string, Note>();
  #reading: Promise<void> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #handle: FileHandle | undefined;
  #length = 0;

  constructor(folder: string, writer: WriterProcess, trials: Slots, sealed: SealedNotes) {
    this.#folder = folder;
    this.#writer = writer;
    this.#trials = trials;
    this.#sealed = sealed;
  }

  get isIdle(): boolean {
    return this.#inHand.size === 0;
  }

  /** Has it killed what had it in hand often enough? */
  isGivenUp(file: FileInHand): boolean {
    const { deaths, endings } = this.#suspects.get(idOf(file)) ?? innocent;
    return deaths >= MOST_DEATHS || endings >= MOST_ENDINGS;
  }

  /** Work on a file's bytes, noted meanwhile; `alone`: it is a suspect, to be given a process of its own. */
  async hold<Answer>(
    file: FileInHand,
    signal: AbortSignal,
    work: (alone: boolean) => Promise<Answer>,
  ): Promise<Answer> {
    const { kind, key } = file;
    if (this.#suspects.has(idOf(file))) {
      return this.#trials.use(1, signal, () => this.#try({ kind, key }, work));
    }
    try {
      return await this.#noted({ kind, key, ...innocent }, () => work(false));
    } catch (error) {
      // A thread died with it; of the files in that thread's hands nobody can tell which one it was.
      if (error instanceof DiedInHandError) await this.#suspect({ kind, key, ...innocent });
      throw error;
    }
  }

  /** Takes over what processes that are gone had noted. What cannot be read is no reason to stop. */
  read(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read()).catch(() => {});
    return this.#reading;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle?.close().catch(() => {});
  }

  async #try<Answer>(file: FileInHand, work: (alone: boolean) => Promise<Answer>): Promise<Answer> {
    const known = this.#suspects.get(idOf(file)) ?? { ...file, ...innocent };
    try {
      const answer = await this.#noted({ ...known, alone: true }, () => work(true));
      this.#suspects.delete(idOf(file));
      return answer;
    } catch (error) {
      if (error instanceof DiedInHandError) await this.#suspect({ ...known, deaths: known.deaths + 1 });
      throw error;
    }
  }

  async #noted<Answer>(note: Note, work: () => Promise<Answer>): Promise<Answer> {
    this.#inHand.add(note);
    try {
      await this.#written();
      return await work();
    } finally {
      this.#inHand.delete(note);
      // Other notes may stay until the next one: a file that is done is not asked for, and being suspect is no harm.
      if (note.alone) await this.#written();
    }
  }

  /** Files that come within one write share the next. */
  #written(): Promise<void> {
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      return this.#write();
    });
    this.#writing = this.#next;
    return this.#next;
  }

  async #suspect(note: Note): Promise<void> {
    this.#suspects.set(idOf(note), note);
    const text = this.#sealed.textOf(this.#suspects.values());
    await inFolderAt(this.#folder, async () => {}, 'made')
      .then(() => writeFileAtomically(this.#path('1'), text))
      .catch(() => {});
  }

  /** In place, so that it costs one system call; a process that is killed leaves what it wrote last. */
  async #write(): Promise<void> {
    try {
      this.#handle ??= await atFile(this.#path('0'), createAnew, 'made');
      const text = Buffer.from(this.#sealed.textOf(this.#inHand));
      const padded = Buffer.alloc(Math.max(this.#length, text.length), '\n');
      text.copy(padded);
      this.#length = text.length;
      await this.#handle.write(padded, 0, padded.length, 0);
    } catch {
      // A disk that takes no note will be met by the work itself.
    }
  }

  async #read(): Promise<void> {
    const gone: string[] = [];
    let isNew = false;
    for (const name of await inFolderAt(this.#folder, (folder) => readdir(folder)).catch(() => [])) {
      const isNote = /^w.*-[01]$/.test(name);
      const fate = isNote ? this.#writer.fateOf(name) : 'alive';
      if (name.startsWith(`${this.#writer.name}-`) || fate === 'alive') continue;
      const path = join(this.#folder, name);
      const text = await atFile(path, readText).catch(() => '');
      const notes = this.#sealed.notesIn(text);
      for (const note of notes) isNew = this.#inherit(note) || isNew;
      // Notes of another key tell something to whose they are.
      if (fate === 'gone' && (notes.length > 0 || text.trim() === '')) gone.push(path);
    }
    const [any] = this.#suspects.values();
    if (any && isNew) await this.#suspect(any);
    for (const path of gone) await atFile(path, removeFile);
  }

  /** Did it tell anything new? */
  #inherit({ alone, ...note }: Note): boolean {
    const known = this.#suspects.get(idOf(note));
    const deaths = Math.max(known?.deaths ?? 0, note.deaths);
    const endings = Math.max(known?.endings ?? 0, note.endings + (alone ? 1 : 0));
    if (known && known.deaths === deaths && known.endings === endings) return false;
    this.#suspects.set(idOf(note), { ...note, deaths, endings });
    return true;
  }

  #path(part: '0' | '1'): string {
    return join(this.#folder, `${this.#writer.name}-${part}`);
  }
}

const innocent: Suspicion = { deaths: 0, endings: 0 };

function idOf({ kind, key }: FileInHand): string {
  return `${kind}/${key}`;
}

/** Notes of one run as text, a line each, which serve in no other run. */
class SealedNotes {
  readonly #purpose: string;
  readonly #seal: Seal;
  readonly #lines = new WeakMap<Note, string>();

  constructor(run: string, seal: Seal) {
    this.#purpose = `hands ${run}`;
    this.#seal = seal;
  }

  textOf(notes: Iterable<Note>): string {
    let text = '';
    for (const note of notes) text += this.#lineOf(note);
    return text;
  }

  /** A note is written as often as others come beside it, and never changes. */
  #lineOf(note: Note): string {
    const known = this.#lines.get(note);
    if (known !== undefined) return known;
    const line = `${this.#seal.close(this.#purpose, JSON.stringify(note))}\n`;
    this.#lines.set(note, line);
    return line;
  }

  notesIn(text: string): Note[] {
    return text.split('\n').flatMap((line) => {
      const said = this.#seal.open(this.#purpose, line);
      const note = said === undefined ? undefined : (parsedJson(said) as Partial<Note> | null);
      const isNote =
        typeof note?.kind === 'string' &&
        typeof note.key === 'string' &&
        Number.isInteger(note.deaths) &&
        Number.isInteger(note.endings);
      return isNote ? [note as Note] : [];
    });
  }
}

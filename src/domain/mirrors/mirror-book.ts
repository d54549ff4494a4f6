import type { FileSpec } from '../dataset/file-spec.ts';
import { MINUTE } from '../run/time-units.ts';
import type { MirrorFault } from './refusals.ts';

/** What is left of a mirror's health after a fault. */
const LEFT: Readonly<Record<MirrorFault, number>> = { lacks: 0.9, busy: 0.8, troubled: 0.5, lies: 0.25 };

/** By such a part of what is missing to it a mirror's health grows with each file that was right. */
const GROWTH = 0.1;

/** In this time (ms) half of what is missing comes back by itself: what was mended is found out. */
const HALF_LIFE = 2 * MINUTE;

/** No mirror is asked less than this, against one that is well: how else would it be seen that it has recovered? */
const LEAST = 0.02;

/** How much one measured pace counts against those before. */
const PACE_GROWTH = 0.3;

/** Bytes below which a body's time is the way there and back, and tells nothing of the pace. */
const LEAST_MEASURED = 16 * 1024;

const MOST_MIRRORS = 256;
const MOST_FILES = 10_000;

interface Mirror {
  /** From 0 to 1, at `at` (ms). */
  health: number;
  at: number;
  /** Bytes a millisecond; undefined: not measured yet. */
  pace?: number;
  /** It gives no parts. */
  givesWhole: boolean;
  /** How much it is owed: see {@link MirrorBook.order}. */
  owed: number;
}

interface FileNotes {
  /** By mirror: how often it failed this file, and by what the last time. */
  readonly failed: Map<string, { times: number; why: string }>;
  /** Who gave the bytes that have come so far; who began comes first. */
  readonly givers: Set<string>;
  /** Who gave the last of them. */
  last?: string;
  /** What several gave of it was wrong, and this one had begun it: now one gives it alone, so that it is known who lies. */
  beganWrong?: string;
}

/** What tells a file from others in a book: the same bytes have the same name, whichever run wants them. */
export function bytesNameOf({ path, md5, standsFor }: Pick<FileSpec, 'path' | 'md5' | 'standsFor'>): string {
  return `${md5 ?? (standsFor === undefined ? '' : `any ${standsFor}`)} ${path}`;
}

/**
 * What one worker process has seen of its mirrors, and in which order they are asked by that. Mirrors are told apart by
 * any text. It remembers so many mirrors and files, those that were used last; times are milliseconds of a clock that never
 * goes back.
 */
export class MirrorBook {
  readonly #mirrors = new Map<string, Mirror>();
  readonly #files = new Map<string, FileNotes>();

  /**
   * The mirrors in the order in which they are to be asked for this file. Those that failed it least often come first.
   * Of equals the first place goes round by health and pace: who is twice as fast is asked twice as often, and who is ill
   * seldom. Whoever is asked next has to give the whole file where it cannot begin in the middle: `resumes` puts that last.
   * A file that several gave wrong is given by one alone: with `resumes` by whoever gave the last of it.
   */
  order(mirrors: readonly string[], file: string, now: number, resumes = false): string[] {
    const all = mirrors.map((name) => {
      const mirror = this.#of(name, now);
      const rank = this.#rank(name, file, resumes);
      return { name, mirror, rank: 2 * rank + (resumes && mirror.givesWhole ? 1 : 0) };
    });
    const fastest = Math.max(...all.map(({ mirror }) => mirror.pace ?? 0));
    const weighed = all.map((one) => ({ ...one, weight: weightOf(one.mirror, fastest) }));
    const best = Math.min(...weighed.map(({ rank }) => rank));
    const equals = weighed.filter(({ rank }) => rank === best);
    for (const { mirror, weight } of equals) mirror.owed += weight;
    const [first] = [...equals].sort((one, other) => other.mirror.owed - one.mirror.owed);
    if (first === undefined) return [];
    first.mirror.owed -= equals.reduce((sum, { weight }) => sum + weight, 0);
    const others = weighed.filter((one) => one !== first);
    others.sort((one, other) => one.rank - other.rank || other.weight - one.weight);
    return [first, ...others].map(({ name }) => name);
  }

  /**
   * The places in the order in which they are given; those that failed this file more often than others come after them. Of
   * a file that several gave wrong, whoever gave the last of it goes on: see {@link MirrorBook.order}.
   */
  inTurn(places: readonly string[], file: string, resumes: boolean): string[] {
    return [...places].sort(
      (one, other) => this.#rank(one, file, resumes) - this.#rank(other, file, resumes),
    );
  }

  /** How often it failed the file. */
  timesFailed(name: string, file: string): number {
    return this.#files.get(file)?.failed.get(name)?.times ?? 0;
  }

  /** Who gave the bytes of the file that have come so far; empty: what was there before. */
  giversOf(file: string): readonly string[] {
    return [...(this.#files.get(file)?.givers ?? [])];
  }

  /** It did not give the file, or broke off: `why` in a word. */
  failed(name: string, file: string, fault: MirrorFault, why: string, now: number): void {
    const mirror = this.#of(name, now);
    mirror.health *= LEFT[fault];
    if (fault !== 'busy') this.#note(file, name, why);
  }

  /** It gives bytes of the file, from its beginning or from where it was asked to. */
  gives(
    name: string,
    file: string,
    { offset, from }: { readonly offset: number; readonly from: number },
  ): void {
    const notes = this.#notesOf(file);
    if (offset === 0) notes.givers.clear();
    // What was there before came of somebody else.
    else if (notes.givers.size === 0) notes.givers.add('');
    notes.givers.add(name);
    notes.last = name;
    const mirror = this.#mirrors.get(name);
    if (mirror !== undefined && offset > 0) mirror.givesWhole = from < offset;
  }

  /** So many bytes came of it in so many milliseconds. */
  came(name: string, bytes: number, ms: number): void {
    const mirror = this.#mirrors.get(name);
    if (mirror === undefined || bytes < LEAST_MEASURED) return;
    const pace = bytes / Math.max(1, ms);
    mirror.pace = mirror.pace === undefined ? pace : mirror.pace + (pace - mirror.pace) * PACE_GROWTH;
  }

  /** The file turned out to be right: nothing is held against anybody. */
  right(file: string, now: number): void {
    for (const name of this.#files.get(file)?.givers ?? []) {
      const mirror = this.#of(name, now);
      mirror.health += (1 - mirror.health) * GROWTH;
    }
    this.#files.delete(file);
  }

  /**
   * The file turned out to be wrong: whoever gave of it is asked last from now on. Where several did, it is not known who
   * lied: each is trusted a little less, and from now on one gives it alone, first one that did not begin it. Answers
   * whether one of these mirrors has failed this file less often than they.
   */
  wrong(file: string, mirrors: readonly string[], now: number): boolean {
    const notes = this.#notesOf(file);
    const givers = [...notes.givers].filter((name) => mirrors.includes(name));
    const fault = notes.givers.size === 1 ? 'lies' : 'troubled';
    for (const name of givers) this.failed(name, file, fault, 'wrong bytes', now);
    const [began = ''] = notes.givers;
    if (notes.givers.size > 1) notes.beganWrong = began;
    notes.givers.clear();
    const times = (name: string) => notes.failed.get(name)?.times ?? 0;
    const most = Math.max(0, ...givers.map(times));
    return mirrors.some((name) => times(name) < most);
  }

  /** By what each of these mirrors failed the file, if any did: `a.example wrong bytes, b.example missing`. */
  said(file: string, mirrors: readonly string[], shown: (name: string) => string): string {
    const failed = this.#files.get(file)?.failed;
    return mirrors
      .flatMap((name) => (failed?.has(name) ? [`${shown(name)} ${failed.get(name)?.why}`] : []))
      .join(', ');
  }

  /** How often it failed the file. Of one that is given alone, who goes on with it comes first, and who began it last. */
  #rank(name: string, file: string, resumes: boolean): number {
    const notes = this.#files.get(file);
    const times = this.timesFailed(name, file);
    if (notes?.beganWrong === undefined) return times;
    if (resumes && notes.last === name && notes.givers.has(name)) return -1;
    return notes.beganWrong === name ? times + 0.5 : times;
  }

  #note(file: string, name: string, why: string): void {
    const { failed } = this.#notesOf(file);
    failed.set(name, { times: (failed.get(name)?.times ?? 0) + 1, why });
  }

  #notesOf(file: string): FileNotes {
    return lastUsed(this.#files, file, MOST_FILES, () => ({ failed: new Map(), givers: new Set() }));
  }

  #of(name: string, now: number): Mirror {
    const mirror = lastUsed(this.#mirrors, name, MOST_MIRRORS, () => ({
      health: 1,
      at: now,
      givesWhole: false,
      owed: 0,
    }));
    mirror.health = 1 - (1 - mirror.health) * 2 ** (-Math.max(0, now - mirror.at) / HALF_LIFE);
    mirror.at = now;
    return mirror;
  }
}

function weightOf({ health, pace }: Mirror, fastest: number): number {
  const relative = pace === undefined || fastest === 0 ? 1 : pace / fastest;
  return Math.max(LEAST, health * relative);
}

/** The value of a key, which is the last one to be forgotten. */
function lastUsed<Value>(map: Map<string, Value>, key: string, most: number, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.delete(key);
  const [oldest] = map.size >= most ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
  map.set(key, value);
  return value;
}

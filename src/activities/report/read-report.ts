import { StringDecoder } from 'node:string_decoder';
import type { FailureGroup, FoundFailures, ListedFailure } from '../../domain/page/run-facts.ts';
import { isObject, parsedJson } from '../../domain/parsed-json.ts';
import { atFile } from '../folders/held-folder.ts';
import { openToRead } from '../folders/real-file.ts';

/** A head may name a thousand foreign files; a failure is some hundred bytes. */
const MOST_LINE = 4 * 1024 ** 2;
/** Shown one by one. */
const MOST_LISTED = 500;
/** Reasons are a known few; whoever else wrote the file may have had more. */
const MOST_GROUPS = 100;
/** Of a failure's texts: as much as anybody reads. */
const MOST_TEXT = 1_000;

export interface ReadReport {
  readonly head: Readonly<Record<string, unknown>>;
  readonly failures: FoundFailures;
}

/**
 * A `report.json`, line by line: when a whole origin failed it lists 200,000 files. Undefined where it has not the form in
 * which this program writes it; throws what the disk says, ENOENT where there is none.
 */
export async function readReport(path: string, signal: AbortSignal): Promise<ReadReport | undefined> {
  let head: unknown;
  const found = new FailuresOfReport();
  for await (const line of linesOf(path, signal)) {
    if (line === undefined) return undefined;
    if (head === undefined) {
      head = parsedJson(line.endsWith(BEGIN) ? `${line.slice(0, -BEGIN.length)}}` : line);
      if (!isObject(head)) return undefined;
    } else if (line !== '' && line !== ']}') found.add(parsedJson(line.replace(/,$/, '')));
  }
  return isObject(head) ? { head, failures: found.result() } : undefined;
}

const BEGIN = ',"failures":[';

/** Failures by reason, and the first ones. */
class FailuresOfReport {
  readonly #groups = new Map<string, { -readonly [Field in keyof FailureGroup]: FailureGroup[Field] }>();
  readonly #first: ListedFailure[] = [];
  #count = 0;

  add(value: unknown): void {
    if (!isObject(value)) return;
    const { attempts } = value;
    const text = (field: string): string => {
      const words = Object.hasOwn(value, field) ? value[field] : '';
      return typeof words === 'string' ? words.slice(0, MOST_TEXT) : '';
    };
    const failure: ListedFailure = {
      ...{ kind: text('kind'), key: text('key'), path: text('path'), outcome: text('outcome') },
      ...{ reason: text('reason'), detail: text('detail'), whatToDo: text('whatToDo') },
      attempts: typeof attempts === 'number' && attempts >= 1 ? Math.min(attempts, 1_000_000) : 1,
    };
    this.#count++;
    if (this.#first.length < MOST_LISTED) this.#first.push(failure);
    const { kind, outcome, reason, whatToDo } = failure;
    const key = JSON.stringify([kind, outcome, reason]);
    const known = this.#groups.get(key);
    if (known !== undefined) {
      known.count++;
      known.retries += failure.attempts - 1;
    } else if (this.#groups.size < MOST_GROUPS)
      this.#groups.set(key, { kind, outcome, reason, whatToDo, count: 1, retries: failure.attempts - 1 });
  }

  result(): FoundFailures {
    const groups = [...this.#groups.values()].sort((one, other) => other.count - one.count);
    return { count: this.#count, groups, first: this.#first };
  }
}

/** Undefined, and then nothing more: a line is longer than any of ours. */
async function* linesOf(path: string, signal: AbortSignal): AsyncGenerator<string | undefined> {
  const handle = await atFile(path, openToRead);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of handle.createReadStream({ signal })) {
    const lines = `${rest}${decoder.write(chunk as Buffer)}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > MOST_LINE) {
      yield undefined;
      return;
    }
  }
  yield `${rest}${decoder.end()}`;
}

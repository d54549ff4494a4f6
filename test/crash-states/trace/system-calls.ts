/** Reads what `strace -f -y -v -x -ttt` wrote. */

/** One system call that has returned. */
export interface SystemCall {
  /** Seconds since the epoch when it began; of one that was interrupted by another thread's, when it returned. */
  readonly time: number;
  readonly name: string;
  /** As they stand in the trace, strings still quoted. */
  readonly args: readonly string[];
  /** Negative: it failed. */
  readonly result: number;
}

const FINISHED = /^(\d+) +(\d+\.\d+) (\w+)\((.*)\) += (-?\d+)/;
const UNFINISHED = /^(\d+) +\d+\.\d+ (\w+)\((.*?) *<unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +(\d+\.\d+) <\.\.\. (\w+) resumed>(.*)\) += (-?\d+)/;

/**
 * In the order in which they returned: two that overlap may have happened in either order. Only a close counts from its
 * beginning: its number is free before it returns, and may be another thread's file by then.
 */
export function parseSystemCalls(text: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const open = new Map<string, string>();
  for (const line of text.split('\n')) {
    const unfinished = UNFINISHED.exec(line);
    if (unfinished) {
      const [, thread, name = '', args = ''] = unfinished;
      open.set(`${thread} ${name}`, args);
      if (name === 'close') calls.push({ time: 0, name, args: splitArguments(args), result: 0 });
      continue;
    }
    const resumed = RESUMED.exec(line);
    if (resumed) {
      const [, thread, time, name = '', rest = '', result] = resumed;
      const begun = open.get(`${thread} ${name}`);
      if (begun === undefined) throw new Error(`trace: expected the beginning of a call, got none: ${line}`);
      open.delete(`${thread} ${name}`);
      if (name === 'close') continue;
      calls.push({ time: Number(time), name, args: splitArguments(begun + rest), result: Number(result) });
      continue;
    }
    const finished = FINISHED.exec(line);
    if (!finished) continue;
    const [, , time, name = '', args = '', result] = finished;
    calls.push({ time: Number(time), name, args: splitArguments(args), result: Number(result) });
  }
  return calls;
}

/** At the commas that stand in no string, bracket or path of a file descriptor. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') at = endOfString(text, at);
    else if (sign === '<' && /[\dD]/.test(text[at - 1] ?? '')) at = text.indexOf('>', at);
    else if (sign === '{' || sign === '[' || sign === '(') depth++;
    else if (sign === '}' || sign === ']' || sign === ')') depth--;
    else if (sign === ',' && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  parts.push(text.slice(from).trim());
  return parts;
}

/** Position of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  throw new Error('trace: expected the end of a string, got the end of the line');
}

/** A quoted string, or the pieces of a gathered write, as bytes. */
export function bytesOf(argument: string): Buffer {
  const pieces: Buffer[] = [];
  for (let at = argument.indexOf('"'); at !== -1; ) {
    const end = endOfString(argument, at);
    if (argument.startsWith('...', end + 1))
      throw new Error('trace: expected whole strings, got a shortened one');
    pieces.push(unescaped(argument.slice(at + 1, end)));
    at = argument.indexOf('"', end + 1);
  }
  return Buffer.concat(pieces);
}

export function textOf(argument: string): string {
  return bytesOf(argument).toString('utf8');
}

/** The number before the path that `-y` adds. */
export function descriptorOf(argument: string): number {
  return Number.parseInt(argument, 10);
}

/** The path that `-y` adds. */
export function pathOf(argument: string): string | undefined {
  return /^(?:-?\d+|AT_FDCWD)<(.*)>$/.exec(argument)?.[1];
}

const LETTERS: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, '"': 34, '\\': 92 };

function unescaped(quoted: string): Buffer {
  if (/^(\\x[0-9a-f]{2})+$/.test(quoted)) return Buffer.from(quoted.replaceAll('\\x', ''), 'hex');
  const bytes: number[] = [];
  for (let at = 0; at < quoted.length; at++) {
    if (quoted[at] !== '\\') {
      bytes.push(quoted.charCodeAt(at));
      continue;
    }
    const [whole = '', hex, octal] = /^(?:x([0-9a-f]{2})|([0-7]{1,3})|.)/s.exec(quoted.slice(at + 1)) ?? [];
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(LETTERS[whole] ?? whole.charCodeAt(0));
    at += whole.length;
  }
  return Buffer.from(bytes);
}

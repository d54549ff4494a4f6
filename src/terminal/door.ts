/**
 * The one door to the terminal: nothing else in the project writes to a stream that a person or a program reads. Text
 * comes as lines, and what would move the cursor, break a line or hide something is quoted in each of them.
 */

import { createLogUpdate } from 'log-update';
import { quoted, quotedJson } from '../domain/quoting/quoted.ts';

/** Lines of our own making: a line break inside of one is not ours. */
export type Lines = string | readonly string[];

/** A stream that people or programs read. */
export interface Outlet {
  write(text: string): unknown;
}

/** The stream as nothing but a way out. */
export function outletOf(stream: NodeJS.WriteStream): Outlet {
  return { write: (text) => stream.write(text) };
}

/** Writes lines for people. */
export function linesTo(outlet: Outlet): (lines: Lines) => void {
  return (lines) => {
    outlet.write(textOf(lines));
  };
}

/** Writes values for programs: each as one line of JSON. */
export function jsonTo(outlet: Outlet): (value: object) => void {
  return (value) => {
    outlet.write(`${quotedJson(value)}\n`);
  };
}

/** Hands a whole document of ours on to a program or a file, as it is: its makers have quoted what strangers wrote. */
export function documentTo(stream: NodeJS.WriteStream): (document: string | Uint8Array) => void {
  return (document) => {
    stream.write(document);
  };
}

/** A block at the bottom of a terminal that is drawn again and again. */
export interface Block {
  draw(lines: readonly string[]): void;
  clear(): void;
  /** Leaves it on the screen. */
  done(): void;
}

export function blockOn(stream: NodeJS.WriteStream): Block {
  const update = createLogUpdate(stream);
  return {
    draw: (lines) => update(lines.map(quoted).join('\n')),
    clear: () => update.clear(),
    done: () => update.done(),
  };
}

/** Settles when everything that was written is out. */
export function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    stream.write('', () => done());
  });
}

function textOf(lines: Lines): string {
  const all = typeof lines === 'string' ? [lines] : lines;
  return all.map((line) => `${quoted(line)}\n`).join('');
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Source } from '../../../src/activities/sources/contract/source.ts';
import { makeSourceBook, type SourceBook } from '../../../src/activities/sources/source-book.ts';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import type { SourceRequest } from '../../../src/domain/run/request.ts';
import { named, never, type Outcome, outcomeOf, pseudoRandomBytes } from './reading.ts';

/** What a source must bring along to be held to the contract: its test folder's `subject.ts` exports `setUp`. */
export interface ContractSubject {
  /** What a run that holds these files by this source asks for. */
  readonly request: SourceRequest;
  /** Of its own choice, as a user allows them. @default none */
  readonly allowedHosts?: readonly string[];
  /** Where Google's hosts lead meanwhile. */
  readonly googleOrigin?: string;
  /** Of the worker, beside its own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files, connections or requests that are open now. */
  open(): number | Promise<number>;
  close(): Promise<void>;
}

/** What the subject must hold: these bytes, under this path and this Drive id. */
export interface ContractFile {
  readonly id: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

const FILES: readonly ContractFile[] = [
  { id: 'whole', path: 'images1024x1024/00000/00007.png', bytes: pseudoRandomBytes(1_000_003, 7) },
  { id: 'empty', path: 'images1024x1024/00000/00008.png', bytes: new Uint8Array(0) },
];

export type SetUp = (files: readonly ContractFile[]) => Promise<ContractSubject>;

/** The laws of `source.ts`, run against a source as a worker opens it. */
export function sourceContract(name: string, setUp: SetUp): void {
  describe(`${name} keeps the contract of a source`, () => {
    const { bytes, path } = FILES[0] as ContractFile;
    const size = bytes.length;
    const file: FileSpec = {
      kind: 'images',
      key: '7',
      url: 'https://drive.google.com/uc?id=whole',
      path,
      size,
    };
    let subject: ContractSubject;
    let book: SourceBook;
    let source: Source;
    let tripwire: { readonly url: string; touched: number; close(): void };

    beforeAll(async () => {
      subject = await setUp(FILES);
      const env = { ...process.env, ...subject.env };
      book = makeSourceBook({ connections: 4, googleOrigin: subject.googleOrigin, env });
      source = await book.open(subject.request, subject.allowedHosts ?? []);
      tripwire = await layTripwire();
    });
    afterAll(async () => {
      await book.close();
      await subject.close();
      tripwire.close();
    });
    const get = (spec: FileSpec, range: { offset: number; end?: number } = { offset: 0 }) =>
      outcomeOf(source, spec, range);
    const allClosed = () => vi.waitFor(async () => expect(await subject.open()).toBe(0), { timeout: 5000 });

    test('a whole file arrives byte by byte', async () => {
      expectBytes(await get(file), 0, bytes);
    });

    test('a file of unknown size arrives as well', async () => {
      const { size: _, ...unknown } = file;
      expectBytes(await get(unknown), 0, bytes);
    });

    test('a file without a byte is a file', async () => {
      const empty = {
        ...file,
        url: 'https://drive.google.com/uc?id=empty',
        path: FILES[1]?.path ?? '',
        size: 0,
      };
      expectBytes(await get(empty), 0, new Uint8Array(0));
    });

    test.each([
      ['from an offset', 400_000, undefined],
      ['up to an end', 0, 12_345],
      ['from an offset to an end', 65_537, 900_000],
      ['of its last byte alone', size - 1, undefined],
      ['of its first byte alone', 0, 1],
      ['to an end behind its own', 10, size + 10],
    ])('the part %s begins where it was asked to', async (_, offset, end) => {
      const range = end === undefined ? { offset } : { offset, end };
      expectBytes(await get(file, range), offset, bytes.subarray(offset, end));
    });

    test.each([size, size + 1])('an offset at or behind the end (%i) is a range-mismatch', async (offset) => {
      expect(await get(file, { offset })).toMatchObject({ failure: { reason: 'range-mismatch' } });
    });

    test('an offset behind the end is one also where the size is not known', async () => {
      const { size: _, ...unknown } = file;
      expect(await get(unknown, { offset: size })).toMatchObject({ failure: { reason: 'range-mismatch' } });
    });

    test('a file that is not there is missing, as data', async () => {
      const absent = {
        ...file,
        url: 'https://drive.google.com/uc?id=absent',
        path: 'images1024x1024/00000/00009.png',
      };
      const outcome = await get(absent);
      expect(outcome).toMatchObject({ bytes: Buffer.alloc(0), failure: { reason: 'missing' } });
      expect(outcome.failure?.detail).toContain('00009.png');
    });

    test('a source that has more than the spec says is cut off there', async () => {
      const outcome = await get({ ...file, size: 1000 });
      expect(outcome.failure?.reason).toBe('oversized-body');
      expect(outcome.bytes.length).toBeLessThanOrEqual(1000);
      await allClosed();
    });

    test('a source that has less than the spec says is short', async () => {
      const outcome = await get({ ...file, size: size + 1 });
      expect(outcome.failure?.reason).toBe('short-body');
    });

    test('an abort before the start is thrown as it is, and nothing stays open', async () => {
      const reason = new Error('no more');
      const asked = source.open(file, { offset: 0 }, AbortSignal.abort(reason));
      await expect(asked).rejects.toBe(reason);
      await allClosed();
    });

    test('an abort in the middle is thrown as it is, and nothing stays open', async () => {
      const caller = new AbortController();
      const reason = new Error('no more');
      const opened = await source.open(file, { offset: 0 }, caller.signal);
      if (opened.status === 'failed') throw new Error(opened.failure.detail);
      let received = 0;
      const reading = (async () => {
        for await (const chunk of opened.body) {
          received += chunk.length;
          caller.abort(reason);
        }
      })();
      await expect(reading).rejects.toBe(reason);
      expect(received).toBeGreaterThan(0);
      expect(received).toBeLessThan(size);
      await allClosed();
    });

    test('leaving the body early closes it', async () => {
      const opened = await source.open(file, { offset: 0 }, never);
      if (opened.status === 'failed') throw new Error(opened.failure.detail);
      for await (const chunk of opened.body) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      await allClosed();
    });

    test('a URL of a foreign host is not followed', async () => {
      const { failure } = await get({ ...file, url: tripwire.url });
      if (failure) expect(failure.reason).toBe('host-not-allowed');
      expect(tripwire.touched).toBe(0);
    });

    test('ten readers at once get the same', async () => {
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => get(file)));
      for (const outcome of outcomes) expectBytes(outcome, 0, bytes);
    });
  });
}

function expectBytes({ failure, from, bytes }: Outcome, expectedFrom: number, expected: Uint8Array): void {
  expect({ failure, from, bytes: named(bytes) }).toEqual({ from: expectedFrom, bytes: named(expected) });
}

/** A server that nobody may ask. */
async function layTripwire() {
  const server = createServer((_, response) => {
    tripwire.touched++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const tripwire = {
    url: `http://127.0.0.1:${port}/uc?id=whole`,
    touched: 0,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return tripwire;
}

import { expect, test } from 'vitest';
import { MirrorBook } from '../../../src/domain/mirrors/mirror-book.ts';

const all = ['a', 'b', 'c'];

/** How often each has the first place for so many files. */
function firsts(book: MirrorBook, now: number, files = 1000) {
  const counts = { a: 0, b: 0, c: 0 };
  for (let nth = 0; nth < files; nth++) counts[book.order(all, `file ${nth}`, now)[0] as 'a']++;
  return counts;
}

test('mirrors of which nothing is known share the files', () => {
  const { a, b, c } = firsts(new MirrorBook(), 0, 999);
  expect([a, b, c]).toEqual([333, 333, 333]);
});

test.each([
  ['lacks', 20, 200],
  ['troubled', 10, 100],
  ['lies', 5, 60],
  ['busy', 20, 200],
] as const)('one that %s is asked less, and still now and then', (fault, times, most) => {
  const book = new MirrorBook();
  for (let nth = 0; nth < times; nth++) book.failed('b', `other ${nth}`, fault, 'why', 0);
  const { b } = firsts(book, 0);
  expect(b).toBeGreaterThan(0);
  expect(b).toBeLessThan(most);
});

test('it recovers: with time, and sooner by files that are right', () => {
  const book = new MirrorBook();
  for (let nth = 0; nth < 10; nth++) book.failed('b', `other ${nth}`, 'lies', 'why', 0);
  expect(firsts(book, 0).b).toBeLessThan(60);
  expect(firsts(book, 30 * 60_000).b).toBeGreaterThan(320);
  for (let nth = 0; nth < 10; nth++) book.failed('b', `more ${nth}`, 'lies', 'why', 30 * 60_000);
  for (let nth = 0; nth < 60; nth++) {
    book.gives('b', `right ${nth}`, { offset: 0, from: 0 });
    book.right(`right ${nth}`, 30 * 60_000);
  }
  expect(firsts(book, 30 * 60_000).b).toBeGreaterThan(300);
});

test('who is ten times slower is asked ten times less', () => {
  const book = new MirrorBook();
  for (const name of all) book.order([name], 'x', 0);
  for (let nth = 0; nth < 20; nth++) {
    book.came('a', 1_000_000, 100);
    book.came('b', 1_000_000, 1_000);
    book.came('c', 1_000_000, 100);
  }
  const { a, b, c } = firsts(book, 0);
  expect(b).toBeLessThan(60);
  expect(a + c).toBeGreaterThan(940);
});

test('who failed a file is asked last for it, and nobody is left out', () => {
  const book = new MirrorBook();
  book.failed('a', 'x', 'lacks', 'missing', 0);
  book.failed('b', 'x', 'lacks', 'missing', 0);
  expect(book.order(all, 'x', 0)[0]).toBe('c');
  expect(book.order(all, 'x', 0).toSorted()).toEqual(all);
  expect(book.said('x', all, (name) => `${name}.example`)).toBe('a.example missing, b.example missing');
});

test('who gave wrong bytes is asked last for that file, until all have', () => {
  const book = new MirrorBook();
  const asked: (string | undefined)[] = [];
  for (let hasAnother = true; hasAnother; ) {
    const [first = ''] = book.order(all, 'x', 0);
    asked.push(first);
    book.gives(first, 'x', { offset: 0, from: 0 });
    hasAnother = book.wrong('x', all, 0);
  }
  expect(asked.toSorted()).toEqual(all);
  expect(book.said('x', ['a'], (name) => name)).toBe('a wrong bytes');
});

test('where two gave of a wrong file, both are asked after the third', () => {
  const book = new MirrorBook();
  book.gives('a', 'x', { offset: 0, from: 0 });
  book.gives('b', 'x', { offset: 500, from: 500 });
  expect(book.wrong('x', all, 0)).toBe(true);
  expect(book.order(all, 'x', 0)[0]).toBe('c');
});

/** Fetches a file in six ranges; answers who gave them, and whether it is right: only where `honest` gave them all. */
function fetchInRanges(
  next: (offset: number) => string,
  book: MirrorBook,
  mirrors: readonly string[],
  honest: string,
) {
  const givers = [0, 1, 2, 3, 4, 5].map((offset) => {
    const name = next(offset);
    book.gives(name, 'x', { offset, from: offset });
    return name;
  });
  const isRight = givers.every((name) => name === honest);
  if (isRight) book.right('x', 0);
  else book.wrong('x', mirrors, 0);
  return { givers: [...new Set(givers)], isRight };
}

test.each(all)(
  'mirrors that disagree over a file in ranges give it alone, one after the other, until %s does',
  (honest) => {
    const book = new MirrorBook();
    const next = (offset: number) => book.order(all, 'x', 0, offset > 0)[0] ?? '';
    expect(fetchInRanges(next, book, all, honest).givers).toEqual(all);
    const attempts = [];
    do attempts.push(fetchInRanges(next, book, all, honest));
    while (attempts.at(-1)?.isRight === false && attempts.length < 9);
    for (const { givers } of attempts) expect(givers).toHaveLength(1);
    expect(attempts.at(-1)).toEqual({ givers: [honest], isRight: true });
    expect(attempts.length).toBeLessThanOrEqual(3);
  },
);

test('where whoever began cannot go on, another one begins the next time', () => {
  const book = new MirrorBook();
  // The first never has more than half of it, and nobody knows why.
  const next = (offset: number) =>
    book.inTurn(['a', 'b'], 'x', offset > 0).find((name) => name === 'b' || offset < 3) ?? '';
  expect(fetchInRanges(next, book, ['a', 'b'], 'b').givers).toEqual(['a', 'b']);
  expect(fetchInRanges(next, book, ['a', 'b'], 'b')).toEqual({ givers: ['b'], isRight: true });
});

test('one that gives no parts is not asked first to go on with a file', () => {
  const book = new MirrorBook();
  for (const name of all) book.order([name], 'x', 0);
  book.gives('a', 'y', { offset: 500, from: 0 });
  for (let nth = 0; nth < 10; nth++) expect(book.order(all, 'x', 0, true)[0]).not.toBe('a');
});

test('what it remembers is bounded', () => {
  const book = new MirrorBook();
  for (let nth = 0; nth < 10_001; nth++) book.failed('a', `old ${nth}`, 'lacks', 'missing', 0);
  expect(book.said('old 0', ['a'], (name) => name)).toBe('');
  expect(book.said('old 1', ['a'], (name) => name)).toBe('a missing');
  for (let nth = 0; nth < 300; nth++) book.failed(`mirror ${nth}`, 'x', 'lies', 'why', 0);
  expect(firsts(book, 0, 300).a).toBe(100);
});

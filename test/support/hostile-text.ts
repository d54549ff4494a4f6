import fc from 'fast-check';

/** What a terminal obeys, what breaks or turns a line, what Markdown reads, and whatever else fits into a string. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001b[2J\u001b[H',
        '\u001b]52;c;b3duZWQ=\u0007',
        '\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\',
        '\u009b31m',
        '\u0090q\u009c',
        '\u001bc',
        '\r',
        '\n',
        '\r\n',
        '\u0085',
        '\u2028',
        '\u2029',
        '\u202e',
        '\u2066',
        '\u200f',
        '\u061c',
        '\u0000',
        '\u007f',
        '\u0008',
        '\ud800',
        '\udfff',
        '\ufeff',
        '\u{e0041}',
        '\u{f0000}',
        'complete: all files verified',
      ),
      fc.constantFrom(
        '`',
        '``',
        '```',
        '![x](https://evil.example/p.png)',
        '[a](javascript:alert(1))',
        '<img src=x onerror=alert(1)>',
        '**',
        '__',
        '~~',
        '\\',
        '\\`',
        '&lt;',
        '|',
        '# ',
        '- ',
        '1. ',
        'https://evil.example',
        'www.evil.example',
        'a@evil.example',
        '{workflowId}',
        '{namespace}',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc
        .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 4 })
        .map((units) => String.fromCharCode(...units)),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** Everything but printable text and line feeds. */
export const beyondPrintable = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u;

// Zlib streams (RFC 1950 and 1951), as zlib reads them: the same bytes, and the same streams refused. Input comes in pieces;
// output is written behind the last 32 KiB of it and is taken when a limit is reached.
import { adler } from './adler';
import { readCodes } from './codes';
import { Answer, drop, giveBack, leave, need, Part, resume, Stream, take } from './stream';
import { layPatterns, symbols } from './symbols';
import { layFixed, layMeanings } from './tables';

export { unfilter } from '../png-rows/unfilter';

export function heapBase(): usize {
  return __heap_base;
}

/** A new stream, whose output begins at `to`. `isChecked`: its check sum must be right. */
export function begin(to: usize, isChecked: bool): void {
  layMeanings();
  layPatterns();
  Stream.part = Part.HEAD;
  Stream.bits = 0;
  Stream.count = 0;
  Stream.used = 0;
  Stream.first = to;
  Stream.to = to;
  Stream.summed = to;
  Stream.sum = 1;
  Stream.isChecked = isChecked;
}

/**
 * Goes on with the input from `from` to `end`, of which up to 700 bytes may be left over: they come again before what comes
 * next. `isWhole`: nothing comes behind it. Writes until `limit` is reached, and up to 320 bytes beyond; reads up to 8 bytes
 * behind the input. Answers one of `Answer`.
 */
export function inflate(from: usize, end: usize, isWhole: bool, limit: usize): i32 {
  Stream.from = from;
  Stream.fromEnd = end;
  Stream.isWhole = isWhole;
  Stream.limit = limit;
  resume();
  let answer = goOn();
  leave();
  if (answer === Answer.WANTS_INPUT && isWhole) answer = Answer.CUT_OFF;
  if (answer >= Answer.FAULT) Stream.part = Part.FAULT;
  return answer;
}

/** The first byte of the input that was not read. */
export function inputAt(): usize {
  return Stream.from;
}

/** Where output goes on. */
export function outputAt(): usize {
  return Stream.to;
}

/** Moves what was written from `from` on to `to`: 32 KiB at least, or all there is. */
export function slide(from: usize, to: usize): void {
  memory.copy(to, from, Stream.to - from);
  Stream.first = to;
  Stream.to -= from - to;
  Stream.summed -= from - to;
}

function goOn(): i32 {
  while (true) {
    if (Stream.part === Part.CODES) {
      const answer = symbols();
      addUp();
      giveBack();
      if (answer !== Answer.END) return answer;
      Stream.part = Stream.isLastBlock ? Part.SUM : Part.BLOCK;
    } else if (Stream.part === Part.STORED) {
      const bytes = min(Stream.stored, Stream.fromEnd - Stream.from);
      const room = Stream.to < Stream.limit ? Stream.limit - Stream.to : 0;
      const step = min(bytes, room);
      memory.copy(Stream.to, Stream.from, step);
      Stream.to += step;
      Stream.from += step;
      Stream.stored -= step;
      addUp();
      if (Stream.stored > 0) return step === room ? Answer.IS_FULL : Answer.WANTS_INPUT;
      Stream.part = Stream.isLastBlock ? Part.SUM : Part.BLOCK;
    } else if (Stream.part === Part.END) return Answer.END;
    else if (Stream.part === Part.FAULT) unreachable();
    else {
      const from = Stream.from;
      const bits = Stream.bits;
      const count = Stream.count;
      const answer = Stream.part === Part.HEAD ? head() : Stream.part === Part.BLOCK ? block() : checkSum();
      giveBack();
      if (answer === Answer.WANTS_INPUT) {
        Stream.from = from;
        Stream.bits = bits;
        Stream.count = count;
      }
      if (answer !== Answer.END) return answer;
    }
  }
}

function addUp(): void {
  if (!Stream.isChecked) return;
  Stream.sum = adler(Stream.sum, Stream.summed, Stream.to - Stream.summed);
  Stream.summed = Stream.to;
}

function head(): i32 {
  if (!need(16)) return Answer.WANTS_INPUT;
  const method = take(8);
  const flags = take(8);
  if (((method << 8) + flags) % 31 !== 0) return Answer.WRONG_HEAD;
  if ((method & 15) !== 8) return Answer.UNKNOWN_METHOD;
  if (method >> 4 > 7) return Answer.WRONG_WINDOW;
  if ((flags & 32) !== 0) return Answer.NEEDS_DICTIONARY;
  Stream.part = Part.BLOCK;
  return Answer.END;
}

function block(): i32 {
  if (!need(3)) return Answer.WANTS_INPUT;
  const isLast = take(1) === 1;
  const type = take(2);
  let answer = Answer.END;
  if (type === 0) answer = storedBlock();
  else if (type === 1) layFixed();
  else if (type === 2) answer = readCodes();
  else return Answer.WRONG_BLOCK;
  if (answer !== Answer.END) return answer;
  Stream.isLastBlock = isLast;
  Stream.part = type === 0 ? Part.STORED : Part.CODES;
  return Answer.END;
}

function storedBlock(): i32 {
  drop(Stream.count & 7);
  if (!need(32)) return Answer.WANTS_INPUT;
  const length = take(16);
  if ((take(16) ^ 0xffff) !== length) return Answer.WRONG_STORED_LENGTH;
  Stream.stored = length;
  return Answer.END;
}

function checkSum(): i32 {
  drop(Stream.count & 7);
  if (!need(32)) return Answer.WANTS_INPUT;
  const sum = bswap<u32>(<u32>Stream.bits);
  drop(32);
  if (Stream.isChecked && sum !== Stream.sum) return Answer.WRONG_SUM;
  Stream.part = Part.END;
  return Answer.END;
}

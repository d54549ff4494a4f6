#!/usr/bin/env node
// In the place of Python, for bench/alternate.ts: answers at once, so that bench:align measures this project alone.
import { createInterface } from 'node:readline';

const say = (answer) => console.log(JSON.stringify(answer));
say({ ready: false });
for await (const _ of createInterface({ input: process.stdin }))
  say({ seconds: 1, cpu: 1, pixelMd5: '', peakMb: 0 });

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Names } from '../disk/names.ts';
import { type Inode, isName, type Operation, ROOT } from '../disk/operations.ts';
import type { Tree } from '../disk/tree.ts';
import { bytesOf, descriptorOf, pathOf, type SystemCall, textOf } from './system-calls.ts';

/** What a program did below a folder. */
export interface History {
  /** What lay there before, all of it long on the disk. */
  readonly before: Tree;
  readonly operations: readonly Operation[];
  /** Inodes of the files that lay there before. */
  readonly inodes: ReadonlyMap<Inode, string>;
  /** When a file was changed last, as a call answered it: by the file and the number of operations before. */
  readonly mtimes: readonly { readonly inode: Inode; readonly after: number; readonly mtime: bigint }[];
}

interface OpenFile {
  readonly inode: Inode;
  readonly appends: boolean;
  position: number;
}

/** Turns system calls into operations below `root`; `before`: what lay there when they began. */
export function historyOf(calls: readonly SystemCall[], root: string, before: Tree): History {
  const reader = new HistoryReader(root, before);
  for (const call of calls) reader.read(call);
  return reader.history();
}

class HistoryReader {
  readonly #root: string;
  readonly #before: Tree;
  readonly #names = new Names();
  readonly #sizes = new Map<Inode, number>();
  readonly #contents = new Map<Inode, Buffer>();
  readonly #open = new Map<number, OpenFile>();
  readonly #operations: Operation[] = [];
  readonly #inodes = new Map<Inode, string>();
  readonly #mtimes: { inode: Inode; after: number; mtime: bigint }[] = [];
  #last: Inode = ROOT;

  /** By the names of the calls. */
  readonly #readers: Readonly<
    Record<string, ((args: readonly string[], call: SystemCall) => void) | undefined>
  > = {
    open: ([path = '', flags = ''], call) => this.#opened(call, this.#relative(path), flags),
    openat: ([folder, path = '', flags = ''], call) =>
      this.#opened(call, this.#relative(path, folder), flags),
    close: ([file = '']) => this.#open.delete(descriptorOf(file)),
    write: (_, call) => this.#written(call, undefined),
    writev: (_, call) => this.#written(call, undefined),
    pwrite64: ([, , , offset], call) => this.#written(call, Number(offset)),
    pwritev: ([, , , offset], call) => this.#written(call, Number(offset)),
    pwritev2: ([, , , offset], call) => this.#written(call, Number(offset)),
    copy_file_range: ([, , to = ''], call) => this.#copied(call, to),
    sendfile: ([to = ''], call) => this.#copied(call, to),
    ftruncate: ([file, size], { time }) => this.#truncated(this.#file(file)?.inode, Number(size), time),
    truncate: ([path = '', size], { time }) =>
      this.#truncated(this.#inodeAt(this.#relative(path)), Number(size), time),
    fsync: ([file = ''], { time }) => this.#synced(file, time),
    fdatasync: ([file = ''], { time }) => this.#synced(file, time),
    rename: ([from = '', to = ''], { time }) => this.#renamed(this.#relative(from), this.#relative(to), time),
    renameat: (args, { time }) => this.#renamed(...this.#pair(args), time),
    renameat2: (args, { time }) => this.#renamed(...this.#pair(args), time),
    link: ([from = '', to = ''], { time }) => this.#linked(this.#relative(from), this.#relative(to), time),
    linkat: (args, { time }) => this.#linked(...this.#pair(args), time),
    unlink: ([path = ''], { time }) => this.#removed('unlink', this.#relative(path), time),
    unlinkat: ([folder, path = '', flags = ''], { time }) =>
      this.#removed(flags.includes('REMOVEDIR') ? 'rmdir' : 'unlink', this.#relative(path, folder), time),
    rmdir: ([path = ''], { time }) => this.#removed('rmdir', this.#relative(path), time),
    mkdir: ([path = ''], { time }) => this.#made(this.#relative(path), time),
    mkdirat: ([folder, path = ''], { time }) => this.#made(this.#relative(path, folder), time),
    statx: (args) => this.#looked(this.#lookedAt(args), args),
    newfstatat: (args) => this.#looked(this.#lookedAt(args), args),
    fstat: (args) => this.#looked(this.#file(args[0])?.inode, args),
    stat: (args) => this.#looked(this.#inodeAt(this.#relative(args[0] ?? '')), args),
    lstat: (args) => this.#looked(this.#inodeAt(this.#relative(args[0] ?? '')), args),
  };

  constructor(root: string, before: Tree) {
    this.#root = root;
    this.#before = before;
    for (const [path, file] of before) {
      const inode = ++this.#last;
      const { entry } = this.#names.find(path) ?? {};
      if (entry === undefined) throw new Error(`tree [${path}]: expected its folder before it`);
      this.#names.apply({ kind: file ? 'create' : 'mkdir', at: entry, inode });
      this.#inodes.set(inode, path);
      if (file === undefined) continue;
      this.#sizes.set(inode, file.bytes.length);
      this.#contents.set(inode, file.bytes);
    }
  }

  history(): History {
    return {
      before: this.#before,
      operations: this.#operations,
      inodes: this.#inodes,
      mtimes: this.#mtimes,
    };
  }

  read(call: SystemCall): void {
    if (call.result < 0) return;
    const reader = this.#readers[call.name];
    if (reader) reader(call.args, call);
    else this.#refuseOther(call);
  }

  #opened({ result, time }: SystemCall, path: string | undefined, flags: string): void {
    this.#open.delete(result);
    if (path === undefined) return;
    const { entry, inode: there } = this.#names.find(path) ?? {};
    let inode = there;
    if (inode === undefined) {
      if (!flags.includes('O_CREAT') || entry === undefined)
        throw new Error(`trace [${path}]: expected it to be there or to be made`);
      inode = ++this.#last;
      this.#sizes.set(inode, 0);
      this.#do({ kind: 'create', at: entry, inode, time, path });
    } else if (flags.includes('O_TRUNC') && this.#sizes.get(inode) !== 0) this.#truncated(inode, 0, time);
    this.#open.set(result, { inode, appends: flags.includes('O_APPEND'), position: 0 });
  }

  #written({ args, result, time }: SystemCall, at: number | undefined): void {
    const file = this.#file(args[0]);
    if (file === undefined) return;
    this.#put(file, bytesOf(args[1] ?? '').subarray(0, result), at, time);
  }

  #put(file: OpenFile, bytes: Buffer, at: number | undefined, time: number): void {
    const { inode, appends } = file;
    const size = this.#sizes.get(inode) ?? 0;
    const offset = at ?? (appends ? size : file.position);
    if (at === undefined) file.position = offset + bytes.length;
    if (bytes.length === 0) return;
    const end = Math.max(size, offset + bytes.length);
    this.#sizes.set(inode, end);
    const content = Buffer.alloc(end);
    this.#contents.get(inode)?.copy(content);
    bytes.copy(content, offset);
    this.#contents.set(inode, content);
    this.#do({ kind: 'write', inode, offset, bytes, time, path: this.#pathOf(inode) });
  }

  /** The kernel copies from one file to another; the first lies here, or somewhere where nothing changes it. */
  #copied({ args, result, time }: SystemCall, to: string): void {
    const file = this.#file(to);
    if (file === undefined || result === 0) return;
    const from = args.find((arg) => arg !== to && pathOf(arg) !== undefined) ?? '';
    const source = this.#file(from);
    const bytes = source ? this.#contents.get(source.inode) : readFileSync(pathOf(from) ?? '');
    if (bytes === undefined) throw new Error(`trace [${from}]: expected what was copied to be known`);
    this.#put(file, Buffer.from(bytes.subarray(file.position, file.position + result)), undefined, time);
  }

  #truncated(inode: Inode | undefined, size: number, time: number): void {
    if (inode === undefined || this.#sizes.get(inode) === size) return;
    this.#sizes.set(inode, size);
    const content = Buffer.alloc(size);
    this.#contents.get(inode)?.copy(content);
    this.#contents.set(inode, content);
    this.#do({ kind: 'truncate', inode, size, time, path: this.#pathOf(inode) });
  }

  #synced(descriptor: string, time: number): void {
    const inode = this.#file(descriptor)?.inode;
    if (inode !== undefined) this.#do({ kind: 'sync', inode, time, path: this.#pathOf(inode) });
  }

  #renamed(from: string | undefined, to: string | undefined, time: number): void {
    if (from === undefined && to === undefined) return;
    const source = from === undefined ? undefined : this.#names.find(from);
    const target = to === undefined ? undefined : this.#names.find(to);
    if (source?.inode === undefined || source.entry === undefined || target?.entry === undefined)
      throw new Error(`trace [${from} -> ${to}]: expected a rename within the folder`);
    const { inode, entry } = source;
    this.#do({ kind: 'rename', from: entry, at: target.entry, inode, time, path: `${from} -> ${to}` });
  }

  #linked(from: string | undefined, to: string | undefined, time: number): void {
    if (to === undefined) return;
    const inode = this.#inodeAt(from);
    const { entry } = this.#names.find(to) ?? {};
    if (inode === undefined || entry === undefined)
      throw new Error(`trace [${from} -> ${to}]: expected a link within`);
    this.#do({ kind: 'link', at: entry, inode, time, path: to });
  }

  #removed(kind: 'unlink' | 'rmdir', path: string | undefined, time: number): void {
    if (path === undefined) return;
    const { entry, inode } = this.#names.find(path) ?? {};
    if (entry === undefined || inode === undefined)
      throw new Error(`trace [${path}]: expected what was removed there`);
    this.#do({ kind, at: entry, inode, time, path });
  }

  #made(path: string | undefined, time: number): void {
    const { entry } = (path && this.#names.find(path)) || {};
    if (path === undefined || entry === undefined) return;
    this.#do({ kind: 'mkdir', at: entry, inode: ++this.#last, time, path });
  }

  #pair([fromFolder, from = '', toFolder, to = '']: readonly string[]) {
    return [this.#relative(from, fromFolder), this.#relative(to, toFolder)] as const;
  }

  /** A path, or with an empty one the file that is open. */
  #lookedAt([folder, path = '']: readonly string[]): Inode | undefined {
    return textOf(path) === '' ? this.#file(folder)?.inode : this.#inodeAt(this.#relative(path, folder));
  }

  #looked(inode: Inode | undefined, args: readonly string[]): void {
    const [, seconds, nanoseconds] =
      /stx_mtime=\{tv_sec=(\d+),[^}]*?tv_nsec=(\d+)/.exec(args.at(-1) ?? '') ?? [];
    const text = args.join(' ');
    const [, old] = /st_mtime=(\d+)/.exec(text) ?? [];
    const [, oldNanoseconds] = /st_mtime_nsec=(\d+)/.exec(text) ?? [];
    const whole = seconds ?? old;
    if (inode === undefined || whole === undefined) return;
    const mtime = BigInt(whole) * 1_000_000_000n + BigInt(nanoseconds ?? oldNanoseconds ?? 0);
    this.#mtimes.push({ inode, after: this.#operations.length, mtime });
  }

  /** Nothing that changes files goes by unseen. */
  #refuseOther({ name, args }: SystemCall): void {
    const harmless = name === 'ioctl' && !args.some((arg) => arg.includes('CLONE'));
    const isHere = args.some((arg) => this.#relativePath(pathOf(arg)) !== undefined);
    if (!harmless && isHere) throw new Error(`trace: expected no ${name}(${args.join(', ').slice(0, 200)})`);
  }

  #do(operation: Operation): void {
    if (isName(operation)) this.#names.apply(operation);
    this.#operations.push(operation);
  }

  #file(descriptor = ''): OpenFile | undefined {
    // A number that a child process uses otherwise has another path.
    return this.#relativePath(pathOf(descriptor)) === undefined
      ? undefined
      : this.#open.get(descriptorOf(descriptor));
  }

  #inodeAt(path: string | undefined): Inode | undefined {
    return path === undefined ? undefined : this.#names.find(path)?.inode;
  }

  #relative(argument: string, folder?: string): string | undefined {
    const text = textOf(argument);
    const [, descriptor, rest = ''] = /^\/proc\/(?:self|\d+)\/fd\/(\d+)((?:\/.*)?)$/.exec(text) ?? [];
    if (descriptor === undefined) return this.#relativePath(resolve(pathOf(folder ?? '') ?? '/', text));
    const held = this.#open.get(Number(descriptor))?.inode;
    if (held === undefined) return undefined;
    return this.#relativePath(`${this.#root}${held === ROOT ? '' : `/${this.#pathOf(held)}`}${rest}`);
  }

  #relativePath(path: string | undefined): string | undefined {
    if (path === this.#root) return '';
    return path?.startsWith(`${this.#root}/`) ? path.slice(this.#root.length + 1) : undefined;
  }

  #pathOf(inode: Inode): string {
    for (const [path, one] of this.#names.paths()) if (one === inode) return path;
    return '(no name)';
  }
}

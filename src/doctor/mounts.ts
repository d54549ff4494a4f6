/** A line of Linux's `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
export interface Mount {
  readonly point: string;
  /** `ext4`, `nfs4`, `fuse.sshfs` ... */
  readonly type: string;
  /** A device, a share, or a word. */
  readonly source: string;
  readonly isReadOnly: boolean;
}

/** The mount on which a path lies that has no symbolic links in it; undefined where the text names none. */
export function mountOf(path: string, mountinfo: string): Mount | undefined {
  let found: Mount | undefined;
  for (const line of mountinfo.split('\n')) {
    const mount = parseMount(line);
    if (mount === undefined || !isBelow(path, mount.point)) continue;
    // Of two at one place the later one lies on top.
    if (found === undefined || mount.point.length >= found.point.length) found = mount;
  }
  return found;
}

function parseMount(line: string): Mount | undefined {
  // Optional fields, as many as there are, end with a lone hyphen.
  const [before = '', after] = line.split(' - ', 2);
  const [, , , , point, options] = before.split(' ');
  const [type, source, superOptions] = after?.split(' ') ?? [];
  if (point === undefined || options === undefined || type === undefined) return undefined;
  const isReadOnly = `${options},${superOptions ?? ''}`.split(',').includes('ro');
  return { point: unescaped(point), type, source: unescaped(source ?? ''), isReadOnly };
}

/** Spaces, tabs, line breaks and backslashes stand there as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

export const REPO = 'somebody/tars';
export const REVISION = '5a'.repeat(20);

export function nameOf(id: number): string {
  return `${String(id).padStart(5, '0')}.webp`;
}

export function tarNameOf(tar: number): string {
  return `${String(1_000 * tar).padStart(5, '0')}.tar`;
}

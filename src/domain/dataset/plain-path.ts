/** Paths relative to the dataset folder: names between slashes, none of which leads anywhere else. */

/** The names of a relative path, none for the folder itself; undefined where one of them is not plain. */
export function componentsOf(path: string): readonly string[] | undefined {
  if (path === '') return [];
  const components = path.split('/');
  return components.every(isPlainName) ? components : undefined;
}

/** Does it name something in a folder, and nothing else anywhere? */
function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('\0');
}

export function folderName(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

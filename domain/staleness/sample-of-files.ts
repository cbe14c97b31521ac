import { fractionOf } from '../quality/label-key.ts';

/**
 * All files, or of too many bytes those whose names have the smallest hashes: the same files when it is done again, of every hour
 * and version alike. At least one.
 *
 * @returns in the order in which they are given
 */
export function sampleOfFiles<File extends { readonly key: string; readonly bytes: number }>(
  files: readonly File[],
  mostBytes: number,
): File[] {
  const byHash = files.map((file) => ({ file, at: fractionOf(file.key) })).sort((a, b) => a.at - b.at);
  const chosen = new Set<File>();
  let bytes = 0;
  for (const { file } of byHash) {
    bytes += file.bytes;
    if (bytes > mostBytes && chosen.size > 0) break;
    chosen.add(file);
  }
  return files.filter((file) => chosen.has(file));
}

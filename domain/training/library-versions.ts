/** Where a training program leaves what it ran with: at the top of the model archive, or of the job's output. */
export const VERSIONS_FILE = 'versions.json';

const MOST = 500;
const NAME = /^[A-Za-z0-9@][A-Za-z0-9@/_.+-]{0,99}$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9_.+!~-]{0,59}$/;

/**
 * Reads a `versions.json`: one flat object of libraries and their versions, both texts. It is data from outside: a file that is
 * anything else counts as none, and the evaluation says that versions are not recorded.
 *
 * @param text undefined where the file was too large to be read
 */
export function parseLibraryVersions(text: string | undefined): Readonly<Record<string, string>> | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined;
  const entries = Object.entries(document);
  const isGood = entries.every(
    ([name, version]) => NAME.test(name) && typeof version === 'string' && VERSION.test(version),
  );
  return isGood && entries.length > 0 && entries.length <= MOST ? Object.fromEntries(entries) : undefined;
}

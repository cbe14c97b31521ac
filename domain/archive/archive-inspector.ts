import { ModelMissingError } from '../errors.ts';
import { refused, shown } from './refused.ts';

/** An entry's header, as the archive claims it. */
interface ArchiveEntry {
  readonly name: string;
  readonly type: 'file' | 'directory';
  readonly bytes: number;
}

export interface ArchiveLimits {
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** Unpacked to packed. */
  readonly maxRatio: number;
}

const ARCHIVE_LIMITS: ArchiveLimits = { maxFiles: 10_000, maxBytes: 4 * 1024 ** 3, maxRatio: 200 };

/** Small archives of repetitive text reach high ratios honestly; a bomb is large. */
const RATIO_COUNTS_ABOVE_BYTES = 1024 * 1024;

/** What file systems take. */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 1024;

const PICKLE = /\.(pkl|pickle|joblib|pt|pth|bin|npy)$/i;

/**
 * Judges a model archive entry by entry while it streams past; nothing is extracted.
 *
 * Refused: absolute paths, `..`, names twice or equal but for case or Unicode form, a file that is also a folder, control
 * characters, no files, more than the limits. Files that run code when they are loaded are findings.
 */
export class ArchiveInspector {
  readonly #limits: ArchiveLimits;
  /** Paths as a file system that ignores case and Unicode form would have them, and what is there. */
  readonly #paths = new Map<string, 'file' | 'directory' | 'folder of a file'>();
  readonly #executable: string[] = [];
  #entries = 0;
  #files = 0;
  #bytes = 0;

  constructor(limits: ArchiveLimits = ARCHIVE_LIMITS) {
    this.#limits = limits;
  }

  /** @returns the entry's path without `./`, empty for the root @throws {ArtifactRefusedError} */
  entry({ name, type, bytes }: ArchiveEntry): string {
    const path = name.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
    const isRoot = type === 'directory' && (path === '' || path === '.');
    this.#entries += 1;
    // Folders of their own, besides those of files.
    if (this.#entries > 2 * this.#limits.maxFiles)
      throw refused(`expected at most ${this.#limits.maxFiles} files, got more`);
    if (isRoot) return '';
    this.#addPath(path, name, type);
    if (type === 'directory') return path;
    this.#files += 1;
    this.#bytes += bytes;
    if (this.#files > this.#limits.maxFiles) throw refused(`expected at most ${this.#limits.maxFiles} files, got more`);
    if (this.#bytes > this.#limits.maxBytes)
      throw refused(`expected at most ${this.#limits.maxBytes} bytes unpacked, got more`);
    if (PICKLE.test(path)) this.#executable.push(path);
    return path;
  }

  /**
   * Called as bytes go by, so that a bomb is stopped while it unpacks; for an archive inside the archive too.
   *
   * @throws {ArtifactRefusedError}
   */
  progress(packedBytes: number, unpackedBytes: number): void {
    if (unpackedBytes > this.#limits.maxBytes)
      throw refused(`expected at most ${this.#limits.maxBytes} bytes unpacked, got more`);
    if (unpackedBytes > RATIO_COUNTS_ABOVE_BYTES && unpackedBytes / packedBytes > this.#limits.maxRatio) {
      throw refused(`expected at most ${this.#limits.maxRatio} bytes unpacked per byte packed, got more`);
    }
  }

  /** @throws {ModelMissingError} no file at all */
  finish(): { readonly files: number; readonly findings: readonly string[] } {
    if (this.#files === 0) throw new ModelMissingError('expected a model in the archive, got no file');
    const some = this.#executable.slice(0, 3).map(shown).join(', ');
    const more = this.#executable.length > 3 ? ` and ${this.#executable.length - 3} more` : '';
    return {
      files: this.#files,
      findings:
        this.#executable.length === 0
          ? []
          : [
              `Pickled files run code when they are loaded: ${some}${more}. They come from this release's own training job.`,
            ],
    };
  }

  #addPath(path: string, name: string, type: 'file' | 'directory'): void {
    const parts = path.split('/');
    if (path === '' || path.startsWith('/') || /^[A-Za-z]:|\\/.test(path))
      throw refused(`expected a relative path, got "${shown(name)}"`);
    if (parts.includes('..')) throw refused(`expected a path without "..", got "${shown(name)}"`);
    if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(path))
      throw refused(`expected a name without control characters, got "${shown(name)}"`);
    const steps = parts.filter((part) => part !== '.' && part !== '');
    if (byteLength(path) > MAX_PATH_BYTES || steps.some((part) => byteLength(part) > MAX_NAME_BYTES))
      throw refused(`expected a path of at most ${MAX_PATH_BYTES} bytes, got "${shown(name)}"`);
    const canonical = steps.map(folded).join('/');
    const there = this.#paths.get(canonical);
    if (there === 'file' || there === 'directory' || (there !== undefined && type === 'file'))
      throw refused(`expected every name once, got "${shown(name)}" twice`);
    this.#paths.set(canonical, type);
    for (let end = canonical.lastIndexOf('/'); end > 0; end = canonical.lastIndexOf('/', end - 1)) {
      const folder = canonical.slice(0, end);
      if (this.#paths.get(folder) === 'file')
        throw refused(`expected "${shown(folder)}" to be a file or a folder, got both`);
      if (!this.#paths.has(folder)) this.#paths.set(folder, 'folder of a file');
    }
  }
}

const byteLength = (text: string): number => new TextEncoder().encode(text).byteLength;

/** The same for names that some file system takes for one: `A` and `a`, `é` composed or not, `ß` and `SS`. */
const folded = (name: string): string => name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');

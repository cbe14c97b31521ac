import { ArtifactRefusedError } from '../errors.ts';

/** An entry's header, as the archive claims it. */
export interface ArchiveEntry {
  readonly name: string;
  /** tar's own words: `file`, `directory`, `symlink`, `link`, `character-device`, … */
  readonly type: string;
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
const RATIO_COUNTS_ABOVE_BYTES = 10 * 1024 * 1024;

const PICKLE = /\.(pkl|pickle|joblib|pt|pth|bin|npy)$/i;

/**
 * Judges a model archive entry by entry while it streams past; nothing is extracted.
 *
 * Refused: links, devices and anything but files and directories, absolute paths, `..`, names twice, no files, more than the
 * limits. Files that run code when they are loaded are findings.
 */
export class ArchiveInspector {
  readonly #limits: ArchiveLimits;
  readonly #names = new Set<string>();
  readonly #executable: string[] = [];
  #files = 0;
  #bytes = 0;

  constructor(limits: ArchiveLimits = ARCHIVE_LIMITS) {
    this.#limits = limits;
  }

  /** @throws {ArtifactRefusedError} */
  entry({ name, type, bytes }: ArchiveEntry): void {
    if (type !== 'file' && type !== 'directory') {
      throw refused(`expected files and directories only, got a ${shown(type)} named "${shown(name)}"`);
    }
    const path = name.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
    const isRoot = type === 'directory' && (path === '' || path === '.');
    if (!isRoot) this.#addName(path, name);
    if (type === 'directory') return;
    this.#files += 1;
    this.#bytes += bytes;
    if (this.#files > this.#limits.maxFiles) throw refused(`expected at most ${this.#limits.maxFiles} files, got more`);
    if (this.#bytes > this.#limits.maxBytes)
      throw refused(`expected at most ${this.#limits.maxBytes} bytes unpacked, got more`);
    if (PICKLE.test(path)) this.#executable.push(path);
  }

  /**
   * Called as bytes go by, so that a bomb is stopped while it unpacks.
   *
   * @throws {ArtifactRefusedError}
   */
  progress(packedBytes: number, unpackedBytes: number): void {
    if (unpackedBytes > RATIO_COUNTS_ABOVE_BYTES && unpackedBytes / packedBytes > this.#limits.maxRatio) {
      throw refused(`expected at most ${this.#limits.maxRatio} bytes unpacked per byte packed, got more`);
    }
  }

  /** @throws {ArtifactRefusedError} no file at all */
  finish(): { readonly files: number; readonly findings: readonly string[] } {
    if (this.#files === 0) throw refused('expected a model in the archive, got no file');
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

  #addName(path: string, name: string): void {
    const parts = path.split('/');
    if (path === '' || path.startsWith('/') || /^[A-Za-z]:|\\|\0/.test(path))
      throw refused(`expected a relative path, got "${shown(name)}"`);
    if (parts.includes('..')) throw refused(`expected a path without "..", got "${shown(name)}"`);
    const canonical = parts.filter((part) => part !== '.' && part !== '').join('/');
    if (this.#names.has(canonical)) throw refused(`expected every name once, got "${shown(name)}" twice`);
    this.#names.add(canonical);
  }
}

const refused = (message: string): ArtifactRefusedError => new ArtifactRefusedError(message);

const shown = (text: string): string => {
  const line = text.replace(/\p{C}/gu, '�');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
};

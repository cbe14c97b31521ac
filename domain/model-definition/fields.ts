import { nearestKey } from './nearest-key.ts';
import type { DefinitionNode, DefinitionProblem, MapEntry, Position, ScalarNode } from './nodes.ts';

/** What a map may hold: keys that are read, and keys of the full schema that this version refuses. */
export interface Shape {
  readonly known: readonly string[];
  readonly notYet?: readonly string[];
}

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/** What a definition's reader asks of one key; an editor's schema is made of it. */
export interface KeyUse {
  /** From the root: `features[].name`, `training.tuning.ranges{}.integer`. */
  readonly path: string;
  /** Which map asked; of `section`, which map it is. */
  readonly of: object;
  readonly kind: 'text' | 'oneOf' | 'number' | 'boolean' | 'texts' | 'scalars' | 'section' | 'nested' | 'list' | 'map';
  readonly isRequired?: boolean;
  readonly fallback?: string | number | boolean | undefined;
  readonly values?: readonly string[];
  readonly range?: NumberRange;
  readonly pattern?: RegExp;
  readonly expected?: string;
  /** Keys of a section. */
  readonly known?: readonly string[];
}

/** Sees every question that is asked. */
export type WatchKeys = (use: KeyUse) => void;

const NUMBER = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;

/**
 * One map of the definition, read key by key. Every reader notes what is wrong and answers with something of the right type, so
 * that all problems are found in one pass; what was read counts only where no problem was noted.
 */
export class Fields {
  readonly at: Position;
  readonly #path: string;
  readonly #problems: DefinitionProblem[];
  readonly #entries = new Map<string, MapEntry>();
  /** As KeyUse has it. */
  readonly #general: string;
  readonly #watch: WatchKeys | undefined;

  /** @param watch sees every key that is asked for; `general` is the section's path for it */
  constructor(
    node: DefinitionNode | undefined,
    at: Position,
    path: string,
    problems: DefinitionProblem[],
    shape: Shape,
    watch?: WatchKeys,
    general = path,
  ) {
    this.#watch = watch;
    this.#general = general;
    watch?.({ path: general, of: this, kind: 'section', known: shape.known });
    this.at = node ?? at;
    this.#path = path;
    this.#problems = problems;
    if (node === undefined) return;
    if (node.kind !== 'map') {
      this.#note(node, `expected ${path || 'the definition'} to be a map of keys, got ${describe(node)}`);
      return;
    }
    for (const entry of node.entries) this.#admit(entry, shape);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Where a key's value is, or the map where it is absent. */
  where(key: string): Position {
    return this.#entries.get(key)?.value ?? this.at;
  }

  note(at: Position, message: string): void {
    this.#note(at, message);
  }

  section(key: string, shape: Shape): Fields {
    this.#see(key, { kind: 'nested' });
    const node = this.#entries.get(key)?.value;
    return new Fields(node, this.at, this.#name(key), this.#problems, shape, this.#watch, this.#generalOf(key));
  }

  sections(key: string, shape: Shape): Fields[] {
    this.#see(key, { kind: 'list' });
    const general = `${this.#generalOf(key)}[]`;
    return this.#items(key).map(
      (item, i) => new Fields(item, item, `${this.#name(key)}[${i}]`, this.#problems, shape, this.#watch, general),
    );
  }

  /** @param fallback used where the key is absent; without one the key is required */
  text(key: string, pattern: RegExp, expected: string, fallback?: string): string {
    this.#see(key, { kind: 'text', pattern, expected, isRequired: fallback === undefined, fallback });
    const scalar = this.#scalar(key, fallback === undefined);
    if (!scalar) return fallback ?? '';
    if (!pattern.test(scalar.text))
      this.#note(scalar, `expected ${this.#name(key)} to be ${expected}, got "${shown(scalar.text)}"`);
    return scalar.text;
  }

  optionalText(key: string, pattern: RegExp, expected: string): string | undefined {
    this.#see(key, { kind: 'text', pattern, expected });
    return this.has(key) ? this.text(key, pattern, expected) : undefined;
  }

  oneOf<Value extends string>(
    key: string,
    values: readonly Value[],
    notYet: readonly string[],
    fallback?: Value,
  ): Value {
    this.#see(key, { kind: 'oneOf', values, isRequired: fallback === undefined, fallback });
    const scalar = this.#scalar(key, fallback === undefined);
    const first = fallback ?? values[0]!;
    if (!scalar) return first;
    if (notYet.includes(scalar.text)) {
      this.#note(
        scalar,
        `${this.#name(key)}: ${scalar.text} is not supported yet; this version has ${values.join(', ')}`,
      );
      return first;
    }
    const value = values.find((candidate) => candidate === scalar.text);
    if (value !== undefined) return value;
    const near = nearestKey(scalar.text, values);
    this.#note(
      scalar,
      `expected ${this.#name(key)} to be ${values.join(' or ')}, got "${shown(scalar.text)}"${near ? `; did you mean "${near}"?` : ''}`,
    );
    return first;
  }

  number(key: string, range: NumberRange, fallback?: number): number {
    this.#see(key, { kind: 'number', range, isRequired: fallback === undefined, fallback });
    const scalar = this.#scalar(key, fallback === undefined);
    if (!scalar) return fallback ?? 0;
    const value = Number(scalar.text);
    const isNumber = !scalar.quoted && NUMBER.test(scalar.text) && Number.isFinite(value);
    const inRange = value >= (range.min ?? value) && value <= (range.max ?? value);
    if (isNumber && inRange && (!range.integer || Number.isInteger(value))) return value;
    this.#note(
      scalar,
      `expected ${this.#name(key)} to be ${describeRange(range)}, got ${scalar.quoted ? 'the text ' : ''}"${shown(scalar.text)}"`,
    );
    return fallback ?? range.min ?? 0;
  }

  optionalNumber(key: string, range: NumberRange): number | undefined {
    this.#see(key, { kind: 'number', range });
    return this.has(key) ? this.number(key, range) : undefined;
  }

  boolean(key: string, fallback: boolean): boolean {
    this.#see(key, { kind: 'boolean', fallback });
    const scalar = this.#scalar(key, false);
    if (!scalar) return fallback;
    if (!scalar.quoted && (scalar.text === 'true' || scalar.text === 'false')) return scalar.text === 'true';
    this.#note(scalar, `expected ${this.#name(key)} to be true or false, got "${shown(scalar.text)}"`);
    return fallback;
  }

  texts(key: string, pattern: RegExp, expected: string): string[] {
    this.#see(key, { kind: 'texts', pattern, expected });
    return this.#items(key).flatMap((item) => {
      if (item.kind === 'scalar' && pattern.test(item.text)) return [item.text];
      this.#note(item, `expected ${this.#name(key)} to list ${expected}, got ${describe(item)}`);
      return [];
    });
  }

  /** The scalars of a map whose keys the author chooses. */
  freeScalars(key: string): { readonly key: string; readonly value: ScalarNode }[] {
    this.#see(key, { kind: 'map' });
    const node = this.#entries.get(key)?.value;
    if (node === undefined) return [];
    if (node.kind !== 'map') {
      this.#note(node, `expected ${this.#name(key)} to be a map of keys, got ${describe(node)}`);
      return [];
    }
    return node.entries.flatMap((entry) => {
      if (entry.value.kind === 'scalar') return [{ key: entry.key, value: entry.value }];
      this.#note(
        entry.value,
        `expected ${this.#name(key)}.${shown(entry.key)} to be one value, got ${describe(entry.value)}`,
      );
      return [];
    });
  }

  /** The maps of a map whose keys the author chooses. */
  freeSections(key: string, shape: Shape): { readonly key: string; readonly fields: Fields }[] {
    this.#see(key, { kind: 'map' });
    const general = `${this.#generalOf(key)}{}`;
    const node = this.#entries.get(key)?.value;
    if (node === undefined) return [];
    if (node.kind !== 'map') {
      this.#note(node, `expected ${this.#name(key)} to be a map of keys, got ${describe(node)}`);
      return [];
    }
    return node.entries.map((entry) => ({
      key: entry.key,
      fields: new Fields(
        entry.value,
        entry.at,
        `${this.#name(key)}.${shown(entry.key)}`,
        this.#problems,
        shape,
        this.#watch,
        general,
      ),
    }));
  }

  /** Scalars of a list, as they are written. */
  scalars(key: string): ScalarNode[] {
    this.#see(key, { kind: 'scalars' });
    return this.#items(key).flatMap((item) => {
      if (item.kind === 'scalar') return [item];
      this.#note(item, `expected ${this.#name(key)} to list values, got ${describe(item)}`);
      return [];
    });
  }

  #see(key: string, use: Omit<KeyUse, 'path' | 'of'>): void {
    this.#watch?.({ ...use, of: this, path: this.#generalOf(key) });
  }

  #generalOf = (key: string): string => (this.#general ? `${this.#general}.${key}` : key);

  #admit(entry: MapEntry, { known, notYet = [] }: Shape): void {
    if (known.includes(entry.key)) this.#entries.set(entry.key, entry);
    else if (notYet.includes(entry.key)) this.#note(entry.at, `${this.#name(entry.key)} is not supported yet`);
    else {
      const near = nearestKey(entry.key, [...known, ...notYet]);
      const hint = near ? `; did you mean "${near}"?` : `; expected ${known.join(', ')}`;
      this.#note(entry.at, `unknown key "${shown(entry.key)}"${this.#path ? ` in ${this.#path}` : ''}${hint}`);
    }
  }

  #items(key: string): readonly DefinitionNode[] {
    const node = this.#entries.get(key)?.value;
    if (node === undefined || node.kind === 'list') return node?.items ?? [];
    this.#note(node, `expected ${this.#name(key)} to be a list, got ${describe(node)}`);
    return [];
  }

  #scalar(key: string, required: boolean): ScalarNode | undefined {
    const node = this.#entries.get(key)?.value;
    if (node?.kind === 'scalar' && (node.quoted || !['', 'null', '~'].includes(node.text))) return node;
    if (node !== undefined) this.#note(node, `expected ${this.#name(key)} to be one value, got ${describe(node)}`);
    else if (required) this.#note(this.at, `missing ${this.#name(key)}`);
    return undefined;
  }

  #name = (key: string): string => (this.#path ? `${this.#path}.${shown(key)}` : shown(key));

  #note(at: Position, message: string): void {
    this.#problems.push({ line: at.line, column: at.column, message });
  }
}

function describe(node: DefinitionNode): string {
  if (node.kind === 'map') return 'a map';
  if (node.kind === 'list') return 'a list';
  return node.text === '' && !node.quoted ? 'nothing' : `"${shown(node.text)}"`;
}

function describeRange({ min, max, integer }: NumberRange): string {
  const kind = integer ? 'a whole number' : 'a number';
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`;
  if (min !== undefined) return `${kind} of at least ${min}`;
  return kind;
}

/** One line of at most 60 characters, whatever the author wrote. */
const shown = (text: string): string => {
  const line = text.replace(/\p{C}/gu, '�');
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
};

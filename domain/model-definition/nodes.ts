/** Where something is in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A parsed YAML document with positions. Scalars keep their text: what `12e4567` or `yes` means, the schema decides. */
export type DefinitionNode = MapNode | ListNode | ScalarNode;

interface MapNode extends Position {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly key: string;
  readonly at: Position;
  readonly value: DefinitionNode;
}

interface ListNode extends Position {
  readonly kind: 'list';
  readonly items: readonly DefinitionNode[];
}

export interface ScalarNode extends Position {
  readonly kind: 'scalar';
  /** As written, without quotes. */
  readonly text: string;
  readonly quoted: boolean;
}

/** One thing wrong with a definition. */
export interface DefinitionProblem extends Position {
  readonly message: string;
}

/** `model.yaml:12:5 unknown key "featurs"; did you mean "features"?` */
export const problemLine = (file: string, { line, column, message }: DefinitionProblem): string =>
  `${file}:${line}:${column} ${message}`;

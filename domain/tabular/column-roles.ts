import { nearestKey } from '../model-definition/nearest-key.ts';
import type { ModelDefinition } from '../model-definition.ts';
import { shownCell } from './problems.ts';

/** Where each role's column is in the file. */
export interface ColumnRoles {
  readonly width: number;
  readonly id: number;
  readonly target: number;
  readonly timestamp?: number;
  /** In declared order. */
  readonly features: readonly number[];
  readonly attributes: readonly number[];
  /** All of these but the id: what makes two rows equal. */
  readonly compared: readonly number[];
}

/** Names of the columns that a definition gives a role. */
export const columnsWithRoles = ({
  columns,
  problem,
  features,
}: Pick<ModelDefinition, 'columns' | 'problem' | 'features'>): string[] => [
  columns.id,
  problem.target,
  ...(columns.timestamp === undefined ? [] : [columns.timestamp]),
  ...features.map(({ name }) => name),
  ...columns.attributes,
];

/** Finds each role's column in the header; every column must have one. */
export function assignRoles(
  header: readonly string[],
  { columns, problem, features }: Pick<ModelDefinition, 'columns' | 'problem' | 'features'>,
): { readonly roles?: ColumnRoles; readonly problems: readonly string[] } {
  const named = columnsWithRoles({ columns, problem, features });
  const foreign = notAHeader(header, named);
  if (foreign !== undefined) return { problems: [foreign] };
  const problems: string[] = notTheHeader(header, named);
  const index = new Map<string, number>();
  for (const [i, name] of header.entries()) {
    if (index.has(name) && name !== '') problems.push(`column "${name}" is there twice`);
    else index.set(name, i);
    if (/\p{Cf}|\p{Cc}/u.test(name))
      problems.push(
        `the name of column ${i + 1}, "${name.replace(/\p{C}/gu, '�')}", holds a character that nobody sees`,
      );
  }
  const roleless = header.filter((name) => !named.includes(name));
  for (const name of named.filter((wanted) => !index.has(wanted))) {
    const near = nearestKey(name, roleless);
    problems.push(`column "${name}" is missing${near ? `; did you mean "${near}"?` : ''}`);
  }
  if (columns.others === 'refuse') {
    for (const name of new Set(roleless)) {
      const hint = hintOf(name, header);
      problems.push(`column "${name}" has no role in model.yaml${hint}; name it, or set columns.others: ignore`);
    }
  }
  if (problems.length > 0) return { problems };
  const at = (name: string) => index.get(name)!;
  return {
    problems,
    roles: {
      width: header.length,
      id: at(columns.id),
      target: at(problem.target),
      ...(columns.timestamp !== undefined && { timestamp: at(columns.timestamp) }),
      features: features.map(({ name }) => at(name)),
      attributes: columns.attributes.map(at),
      compared: named.filter((name) => name !== columns.id).map(at),
    },
  };
}

/** What pandas calls an index that nobody asked for, in CSV and in Parquet. */
const PANDAS_INDEX = /^(|Unnamed: 0|index|__index_level_0__)$/;

/** A column without a name is one that pandas adds in front, or what a comma at the end of a line makes. */
function hintOf(name: string, header: readonly string[]): string {
  if (name === '' && header.indexOf('') > 0)
    return ' (is there a comma at the end of the lines, or a column without a name?)';
  return PANDAS_INDEX.test(name) ? ' (the index of pandas: write it with index=False)' : '';
}

/** Where nothing in the first line is, or resembles, a column of the model, one sentence says more than a list of what is missing. */
function notTheHeader(header: readonly string[], named: readonly string[]): string[] {
  if (header.some((name) => named.includes(name) || nearestKey(name, named) !== undefined)) return [];
  const isNote = /^\s*[#%;/]/.test(header[0] ?? '');
  const guess = isNote
    ? 'a comment above the header? remove it'
    : 'a title above the header, no header at all, or another dataset?';
  return [`the first line, ${shownCell(header.join(','))}, names no column of model.yaml: is it ${guess}`];
}

/** A first record that is no list of columns has one cause, which says more than every name that is missing. */
function notAHeader(header: readonly string[], named: readonly string[]): string | undefined {
  if (header.some((name) => named.includes(name))) return undefined;
  const [first = ''] = header;
  const mark = header.length === 1 ? [';', '\t', '|'].find((separator) => first.includes(separator)) : undefined;
  if (mark !== undefined)
    return `expected commas between fields, got a header separated by "${mark === '\t' ? 'tab' : mark}"; write the file with commas`;
  const hasNumbers = header.some((name) => name !== '' && Number.isFinite(Number(name)));
  return hasNumbers && header.length >= named.length
    ? 'expected a header of column names in the first line, got values; is the header missing?'
    : undefined;
}

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Choices?: readonly { readonly Next: string; readonly Condition: string }[];
  readonly Catch?: readonly { readonly Next: string; readonly ErrorEquals: readonly string[] }[];
  readonly Branches?: readonly Machine[];
  readonly ItemProcessor?: Machine;
}

interface Machine {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** Order of reading: the release first, then its stages as they come. */
const ORDER = [
  'release-model',
  'prepare-data',
  'train-model',
  'seal-artifact',
  'validate-model',
  'approve-model',
  'deploy-model',
  'serve-version',
  'monitor-model',
  'profile-hour',
];

/** The README of this folder: a diagram and the commented steps of each workflow, drawn from the files themselves. */
export function drawDiagrams(folder: string): string {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.asl.json'))
    .map((file) => file.replace('.asl.json', ''));
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const sections = names
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
    .map((name) => section(name, JSON.parse(readFileSync(join(folder, `${name}.asl.json`), 'utf8')) as Machine));
  return `# Workflows

Drawn from the files in this folder by \`npm run diagrams\`; a test fails where they disagree. Dotted arrows are caught errors. Every
task retries what is worth retrying; every path ends in a recorded outcome.

${sections.join('\n')}`;
}

function section(name: string, machine: Machine): string {
  const commented = statesOf(machine).filter(([, { Comment }]) => Comment);
  const notes = commented.map(([state, { Comment }]) => `- **${state}**: ${Comment}`).join('\n');
  return `## ${name}\n\n${machine.Comment}\n\n\`\`\`mermaid\nflowchart TD\n${edges(machine).join('\n')}\n\`\`\`\n${notes ? `\n${notes}\n` : ''}`;
}

const statesOf = (machine: Machine): [string, State][] =>
  Object.entries(machine.States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...inner(state).flatMap(statesOf),
  ]);

const inner = ({ Branches, ItemProcessor }: State): Machine[] => [
  ...(Branches ?? []),
  ...(ItemProcessor ? [ItemProcessor] : []),
];

function edges(machine: Machine): string[] {
  return Object.entries(machine.States).flatMap(([name, state]) => {
    const caught = [...new Set((state.Catch ?? []).map(({ Next }) => Next))];
    return [
      `  ${node(name, state)}`,
      ...(state.Next ? [`  ${id(name)} --> ${id(state.Next)}`] : []),
      ...(state.Choices ?? []).map(({ Next }) => `  ${id(name)} -- yes --> ${id(Next)}`),
      ...(state.Default ? [`  ${id(name)} -- otherwise --> ${id(state.Default)}`] : []),
      ...caught.map((next) => `  ${id(name)} -.-> ${id(next)}`),
      ...inner(state).flatMap((nested) => [`  ${id(name)} ==> ${id(nested.StartAt)}`, ...edges(nested)]),
    ];
  });
}

const id = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '');

const SHAPES: Readonly<Record<string, readonly [string, string]>> = {
  Choice: ['{"', '"}'],
  Succeed: ['(["', '"])'],
  Fail: ['[["', '"]]'],
};

const node = (name: string, { Type }: State): string => {
  const [open, close] = SHAPES[Type] ?? ['["', '"]'];
  return `${id(name)}${open}${name}${close}`;
};

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'README.md'), drawDiagrams(import.meta.dirname));

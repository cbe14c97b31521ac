import type { Block, State } from '../definition.ts';
import { isObject } from '../json.ts';
import { type Finding, finding, invalid, missing } from './finding.ts';

const LONGEST_NAME = 80;

/** Whether a definition can be walked at all: blocks with states that are objects, however deep. */
export function structureFindings(block: unknown, location = ''): Finding[] {
  const here = location || '/';
  if (!isObject(block)) return [invalid(`expected an object, got ${JSON.stringify(block)}`, here)];
  const absent = missing(block, ['States', 'StartAt'], here);
  if (absent.length > 0) return absent;
  if (!isObject(block.States)) return [invalid('expected an object', `${location}/States`)];
  if (Object.keys(block.States).length === 0) return [invalid('expected at least one state', `${location}/States`)];
  return Object.entries(block.States).flatMap(([name, state]) => innerFindings(state, `${location}/States/${name}`));
}

function innerFindings(state: unknown, location: string): Finding[] {
  if (!isObject(state)) return [invalid(`expected an object, got ${JSON.stringify(state)}`, location)];
  const { Branches, ItemProcessor } = state;
  if (Branches !== undefined && !Array.isArray(Branches)) return [invalid('expected an array', `${location}/Branches`)];
  return [
    ...missing(state, ['Type'], location),
    ...(Branches ?? []).flatMap((branch, i) => structureFindings(branch, `${location}/Branches[${i}]`)),
    ...(ItemProcessor === undefined ? [] : structureFindings(ItemProcessor, `${location}/ItemProcessor`)),
  ];
}

/** Whether every state of a block leads to one of the same block, and can be reached. */
export function flowFindings({ StartAt, States }: Block, location: string): Finding[] {
  const found: Finding[] = [];
  const reached = new Set<string>();
  const follow = (target: unknown, field: string, at: string) => {
    const name = String(target);
    if (typeof target !== 'string' || !(name in States)) {
      found.push(finding('MISSING_TRANSITION_TARGET', `Missing '${field}' target: ${name}`, at));
    } else if (!reached.has(name)) {
      reached.add(name);
      const from = `${location}/States/${name}`;
      for (const [next, where] of targetsOf(States[name]!)) follow(next, where.split('/').at(-1)!, `${from}/${where}`);
    }
  };
  follow(StartAt, 'StartAt', `${location}/StartAt`);
  for (const [name, state] of Object.entries(States)) {
    const at = `${location}/States/${name}`;
    if (!reached.has(name)) found.push(finding('MISSING_TRANSITION_TARGET', `State "${name}" is not reachable.`, at));
    if (name.length > LONGEST_NAME) found.push(invalid(`expected a name of at most ${LONGEST_NAME} characters`, at));
    if (leaves(state) && (state.Next === undefined) === (state.End !== true)) {
      found.push(invalid('expected exactly one of Next and "End": true', at));
    }
  }
  return found;
}

/** States that say where they lead to by Next and End alone. */
const leaves = ({ Type }: State): boolean => !['Choice', 'Succeed', 'Fail'].includes(Type);

/** Where a state may lead to, with the field that says so. */
function targetsOf({ Next, Default, Choices, Catch }: State): [unknown, string][] {
  const listed = (list: unknown, field: string): [unknown, string][] =>
    (Array.isArray(list) ? list : [])
      .map((item, i): [unknown, string] => [isObject(item) ? item.Next : undefined, `${field}[${i}]/Next`])
      .filter(([target]) => target !== undefined);
  return [
    ...(Next === undefined ? [] : [[Next, 'Next'] as [unknown, string]]),
    ...(Default === undefined ? [] : [[Default, 'Default'] as [unknown, string]]),
    ...listed(Choices, 'Choices'),
    ...listed(Catch, 'Catch'),
  ];
}

/** Names are unique in the whole machine. */
export function duplicateFindings(names: readonly { name: string; location: string }[]): Finding[] {
  const seen = new Set<string>();
  return names.flatMap(({ name, location }) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [
      finding('DUPLICATE_STATE_NAMES', `expected one state of the name '${name}' in the whole state machine`, location),
    ];
  });
}

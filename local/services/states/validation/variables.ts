import type { Block, State } from '../definition.ts';
import { isObject } from '../json.ts';
import { type Finding, invalid } from './finding.ts';

const NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;
const LONGEST_NAME = 80;

/** Names of variables, and that no inner scope assigns a variable of an outer one. */
export function variableFindings(block: Block, location = '', outer: ReadonlySet<string> = new Set()): Finding[] {
  const found: Finding[] = [];
  const own = new Set(outer);
  for (const [state, at] of statesAt(block, location)) {
    for (const { name, where } of assigned(state, at)) {
      found.push(...nameFindings(name, where));
      if (outer.has(name)) found.push(invalid(`the variable '${name}' is assigned in an outer scope already`, where));
      own.add(name);
    }
  }
  for (const [state, at] of statesAt(block, location)) {
    for (const [i, branch] of (state.Branches ?? []).entries()) {
      found.push(...variableFindings(branch, `${at}/Branches[${i}]`, own));
    }
    // A Distributed Map's children see no variable of the machine around them.
    const distributed = state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED';
    if (state.ItemProcessor) {
      found.push(...variableFindings(state.ItemProcessor, `${at}/ItemProcessor`, distributed ? new Set() : own));
    }
  }
  return found;
}

const statesAt = ({ States }: Block, location: string): [State, string][] =>
  Object.entries(States).map(([name, state]) => [state, `${location}/States/${name}`]);

/** Every variable that a state, its choices or its catchers assign. */
function* assigned(state: State, location: string): Generator<{ name: string; where: string }> {
  const holders: [unknown, string][] = [
    [state, location],
    ...[...(state.Choices ?? []).entries()].map(([i, rule]): [unknown, string] => [rule, `${location}/Choices[${i}]`]),
    ...[...(state.Catch ?? []).entries()].map(([i, rule]): [unknown, string] => [rule, `${location}/Catch[${i}]`]),
  ];
  for (const [holder, at] of holders) {
    if (!isObject(holder) || !isObject(holder.Assign)) continue;
    for (const name of Object.keys(holder.Assign)) yield { name, where: `${at}/Assign/${name}` };
  }
}

function nameFindings(name: string, location: string): Finding[] {
  if (name === 'states') return [invalid("the variable name 'states' is reserved", location)];
  if (NAME.test(name) && name.length <= LONGEST_NAME) return [];
  return [invalid(`expected a variable name of at most ${LONGEST_NAME} letters, digits and underscores`, location)];
}

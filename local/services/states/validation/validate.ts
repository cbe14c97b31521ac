import { type BlockPath, blockAt, type Machine, type State, statesOf } from '../definition.ts';
import { isObject } from '../json.ts';
import { expressionFindings } from './expressions.ts';
import { fieldFindings } from './fields.ts';
import { type Finding, finding, invalid } from './finding.ts';
import { duplicateFindings, flowFindings, structureFindings } from './flow.ts';
import { isNeutral } from './query-language.ts';
import { expressFindings, ruleFindings } from './rules.ts';
import { variableFindings } from './variables.ts';

export interface Validation {
  readonly machine: Machine;
  readonly findings: readonly Finding[];
  /** What is right for AWS and missing here: JSONPath states. */
  readonly notImplemented: readonly string[];
}

/** Definitions may be this long, in bytes. */
const LONGEST_DEFINITION = 1_048_576;

const TOP = new Set(['Comment', 'QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version']);

/**
 * Reads a definition and finds what is wrong with it.
 *
 * @param type an express machine cannot wait for jobs and tokens
 */
export function validate(text: string, type: 'STANDARD' | 'EXPRESS' = 'STANDARD'): Validation {
  const nothing = { machine: { StartAt: '', States: {} }, notImplemented: [] };
  const machine = read(text);
  if (Array.isArray(machine)) return { ...nothing, findings: machine };
  const structure = structureFindings(machine);
  if (structure.length > 0) return { ...nothing, findings: structure };
  return { machine, findings: findingsOf(machine, type), notImplemented: jsonPathStates(machine) };
}

function read(text: string): Machine | Finding[] {
  if (Buffer.byteLength(text) > LONGEST_DEFINITION) {
    return [finding('INVALID_DEFINITION', `expected at most ${LONGEST_DEFINITION} bytes`, '/')];
  }
  const noObject = finding('SCHEMA_VALIDATION_FAILED', 'Definition must be a valid JSON object');
  if (text === '') return [noObject];
  try {
    const machine = JSON.parse(text) as unknown;
    return isObject(machine) ? (machine as unknown as Machine) : [noObject];
  } catch (error) {
    return [finding('INVALID_JSON_DESCRIPTION', (error as Error).message)];
  }
}

function findingsOf(machine: Machine, type: 'STANDARD' | 'EXPRESS'): Finding[] {
  const states = [...statesOf(machine)].map((one) => ({ ...one, location: `${placeOf(one.path)}/States/${one.name}` }));
  return [
    ...machineFindings(machine),
    ...duplicateFindings(states),
    ...blockPaths(machine).flatMap((path) => flowFindings(blockAt(machine, path), placeOf(path))),
    ...states.flatMap(({ state, path, location }) =>
      stateFindings(machine, state, location, isExpress(machine, path, type)),
    ),
    ...variableFindings(machine),
  ];
}

function machineFindings(machine: Machine): Finding[] {
  const found = Object.keys(machine)
    .filter((field) => !TOP.has(field))
    .map((field) => invalid(`Field '${field}' is not supported`, `/${field}`));
  const { QueryLanguage, TimeoutSeconds } = machine;
  if (QueryLanguage !== undefined && QueryLanguage !== 'JSONata' && QueryLanguage !== 'JSONPath') {
    found.push(invalid(`expected one of JSONPath, JSONata, got ${JSON.stringify(QueryLanguage)}`, '/QueryLanguage'));
  }
  if (TimeoutSeconds !== undefined && !(Number.isInteger(TimeoutSeconds) && TimeoutSeconds > 0)) {
    found.push(invalid(`expected a positive integer, got ${JSON.stringify(TimeoutSeconds)}`, '/TimeoutSeconds'));
  }
  return found;
}

function stateFindings(machine: Machine, state: State, location: string, express: boolean): Finding[] {
  if (!usesJsonata(machine, state)) {
    const message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
    return machine.QueryLanguage === 'JSONata' ? [invalid(message, location)] : [];
  }
  return [
    ...fieldFindings(state, location),
    ...ruleFindings(state, location),
    ...(express ? expressFindings(state, location) : []),
    ...expressionFindings(state, location),
  ];
}

/** Where each block of a machine is, the machine itself first. */
const blockPaths = (machine: Machine): BlockPath[] => [
  [],
  ...[...statesOf(machine)].flatMap(({ name, state, path }) => [
    ...[...(state.Branches ?? []).keys()].map((i) => [...path, name, i]),
    ...(state.ItemProcessor ? [[...path, name]] : []),
  ]),
];

/** A block's place as the service writes it: `/States/Each/ItemProcessor`, `/States/Both/Branches[1]`. */
const placeOf = (path: BlockPath): string =>
  path
    .map((step, i) => {
      if (typeof step === 'number') return `/Branches[${step}]`;
      return `/States/${step}${typeof path[i + 1] === 'number' ? '' : '/ItemProcessor'}`;
    })
    .join('');

/** Whether a block runs in express executions: its machine's, or those of a Distributed Map around it. */
function isExpress(machine: Machine, path: BlockPath, type: 'STANDARD' | 'EXPRESS'): boolean {
  return path.reduce<boolean>((express, step, i) => {
    if (typeof step === 'number') return express;
    const { ProcessorConfig } = blockAt(machine, path.slice(0, i)).States[step]?.ItemProcessor ?? {};
    return ProcessorConfig?.Mode === 'DISTRIBUTED' ? ProcessorConfig.ExecutionType === 'EXPRESS' : express;
  }, type === 'EXPRESS');
}

const usesJsonata = (machine: Machine, state: State): boolean =>
  (state.QueryLanguage ?? machine.QueryLanguage ?? 'JSONPath') === 'JSONata';

const jsonPathStates = (machine: Machine): string[] =>
  [...statesOf(machine)]
    .filter(({ state }) => !usesJsonata(machine, state) && !isNeutral(state))
    .map(({ name }) => name);

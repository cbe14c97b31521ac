import validator from 'asl-validator';
import { type Block, type Machine, type State, statesOf } from './definition.ts';
import { isObject } from './json.ts';
import { compile, expressionIn } from './jsonata.ts';
import { isNeutral } from './query-language.ts';
import { patternOf } from './resource-name.ts';
import { topLevelReference } from './top-level.ts';

/** What is wrong with a definition, as CreateStateMachine and ValidateStateMachineDefinition report it. */
export interface Finding {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  /** `/States/Train Model/Arguments` */
  readonly location: string;
}

export interface Validation {
  readonly machine: Machine;
  readonly findings: readonly Finding[];
  /** What is right for AWS and missing here: JSONPath states. */
  readonly notImplemented: readonly string[];
}

/** Definitions may be this long, in bytes. */
const LONGEST_DEFINITION = 1_048_576;

/** Reads a definition and finds what is wrong with it. */
export function validate(text: string): Validation {
  const nothing = { machine: { StartAt: '', States: {} }, notImplemented: [] };
  if (Buffer.byteLength(text) > LONGEST_DEFINITION) {
    return {
      ...nothing,
      findings: [finding('INVALID_DEFINITION', `expected at most ${LONGEST_DEFINITION} bytes`, '/')],
    };
  }
  let machine: Machine;
  try {
    machine = JSON.parse(text) as Machine;
  } catch (error) {
    return { ...nothing, findings: [finding('INVALID_JSON_DESCRIPTION', (error as Error).message, '/')] };
  }
  if (!isObject(machine) || !isReadable(machine)) {
    const message = 'expected an object with States, every state, branch and processor an object';
    return { ...nothing, findings: [finding('SCHEMA_VALIDATION_FAILED', message, '/')] };
  }
  const findings = [...schemaFindings(text), ...expressionFindings(machine)];
  return { machine, findings, notImplemented: jsonPathStates(machine) };
}

/** The schema's and the flow's rules. */
function schemaFindings(text: string): Finding[] {
  const { errors } = validator(relaxed(JSON.parse(text)), { checkPaths: false, checkArn: false });
  return errors.map((error) => finding(error['Error code'], error.Message, error.schemaError?.instancePath ?? '/'));
}

/** Fields that take any JSON in JSONata, where the validator's schema takes some only. */
const ANYTHING = new Set(['Output', 'Arguments', 'ItemSelector']);

/** The validator's own copy, since it writes into what it gets: lawful values it does not know become an expression. */
function relaxed(machine: Machine): Machine {
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        if (key === 'BatchInput') return [key, { literal: 0 }];
        if (ANYTHING.has(key) || (key === 'Condition' && typeof item === 'boolean')) return [key, '{% true %}'];
        return [key, key === 'Branches' || key === 'ItemProcessor' || key === 'Assign' ? item : replace(item)];
      }),
    );
  };
  for (const { state } of statesOf(machine)) {
    if (usesJsonata(machine, state)) Object.assign(state, replace(state));
  }
  return machine;
}

/** Whether every block has states that are objects, so that they can be walked. */
const isReadable = (block: Block): boolean =>
  isObject(block) &&
  isObject(block.States) &&
  Object.values(block.States).every(
    (state) =>
      isObject(state) &&
      (state.Branches === undefined || (Array.isArray(state.Branches) && state.Branches.every(isReadable))) &&
      (state.ItemProcessor === undefined || isReadable(state.ItemProcessor as unknown as Block)),
  );

/** Fields in which the service does not offer `$states.result` yet. */
const BEFORE_RESULT = new Set([
  'Arguments',
  'Items',
  'ItemSelector',
  'MaxConcurrency',
  'TimeoutSeconds',
  'HeartbeatSeconds',
  'Seconds',
  'Timestamp',
  'Choices',
]);

function expressionFindings(machine: Machine): Finding[] {
  const findings: Finding[] = [];
  for (const { name, state } of statesOf(machine)) {
    if (machine.QueryLanguage === 'JSONata' && !usesJsonata(machine, state)) {
      const message = 'a JSONata state machine may not contain JSONPath states';
      findings.push(finding('SCHEMA_VALIDATION_FAILED', message, `/States/${name}/QueryLanguage`));
    }
    findings.push(...expressFindings(name, state));
    if (!usesJsonata(machine, state)) continue;
    for (const { field, expression } of expressionsOf(state, '')) {
      const location = `/States/${name}${field}`;
      try {
        const reference = topLevelReference(compile(expression).ast());
        if (reference !== undefined) {
          const message = `'${reference}' refers to a top-level context, which is not available: start from $states or a variable`;
          findings.push(finding('INVALID_JSONATA_EXPRESSION', message, location));
        }
      } catch (error) {
        findings.push(finding('INVALID_JSONATA_EXPRESSION', (error as Error).message, location));
      }
      if (BEFORE_RESULT.has(field.split('/')[1]?.replace(/\[.*/, '') ?? '') && expression.includes('$states.result')) {
        findings.push(finding('INVALID_JSONATA_EXPRESSION', '$states.result is not available here', location));
      }
    }
    if (isObject(state.Assign) && 'states' in state.Assign) {
      findings.push(
        finding('SCHEMA_VALIDATION_FAILED', "the variable name 'states' is reserved", `/States/${name}/Assign`),
      );
    }
  }
  return findings;
}

/** Express children cannot wait for a job or a token. */
function expressFindings(name: string, { ItemProcessor }: State): Finding[] {
  if (ItemProcessor?.ProcessorConfig?.ExecutionType !== 'EXPRESS') return [];
  return [...statesOf(ItemProcessor)]
    .filter(({ state }) => patternOf(state.Resource ?? '') !== 'request')
    .map((inner) => {
      const message = `an express execution may not wait for ${inner.state.Resource}`;
      return finding(
        'SCHEMA_VALIDATION_FAILED',
        message,
        `/States/${name}/ItemProcessor/States/${inner.name}/Resource`,
      );
    });
}

const usesJsonata = (machine: Machine, state: State): boolean =>
  (state.QueryLanguage ?? machine.QueryLanguage ?? 'JSONPath') === 'JSONata';

const jsonPathStates = (machine: Machine): string[] =>
  [...statesOf(machine)]
    .filter(({ state }) => !usesJsonata(machine, state) && !isNeutral(state))
    .map(({ name }) => name);

function* expressionsOf(value: unknown, field: string): Generator<{ field: string; expression: string }> {
  if (typeof value === 'string') {
    const expression = expressionIn(value);
    if (expression !== undefined) yield { field, expression };
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* expressionsOf(item, `${field}[${i}]`);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      // Inner states are visited on their own.
      if (key !== 'Branches' && key !== 'ItemProcessor') yield* expressionsOf(item, `${field}/${key}`);
    }
  }
}

const finding = (code: string, message: string, location: string): Finding => ({
  severity: 'ERROR',
  code,
  message,
  location,
});

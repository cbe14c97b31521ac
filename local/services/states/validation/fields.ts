import type { State } from '../definition.ts';
import { isObject } from '../json.ts';
import { type Finding, invalid, missing } from './finding.ts';
import {
  anything,
  array,
  type Check,
  either,
  integer,
  number,
  object,
  oneOf,
  orExpression,
  text,
  timestamp,
  truth,
} from './values.ts';

/** Fields with what they may hold, and which of them must be there. */
interface Shape {
  readonly fields: Readonly<Record<string, Check>>;
  readonly required?: readonly string[];
}

const SECONDS = 99_999_999;

const CALLED = { Comment: text, Type: text, QueryLanguage: oneOf('JSONPath', 'JSONata') };
const LEFT = { ...CALLED, Next: text, End: truth, Output: anything, Assign: object };
const RECOVERING = { ...LEFT, Retry: array, Catch: array };

const STATES: Readonly<Record<State['Type'], Shape>> = {
  Pass: { fields: LEFT },
  Succeed: { fields: { ...CALLED, Output: anything } },
  Fail: { fields: { ...CALLED, Error: text, Cause: text } },
  Choice: {
    fields: { ...CALLED, Choices: array, Default: text, Output: anything, Assign: object },
    required: ['Choices'],
  },
  Wait: { fields: { ...LEFT, Seconds: orExpression(integer(0, SECONDS)), Timestamp: orExpression(timestamp) } },
  Task: {
    fields: {
      ...RECOVERING,
      Resource: text,
      Arguments: anything,
      Credentials: object,
      TimeoutSeconds: orExpression(integer(1, SECONDS)),
      HeartbeatSeconds: orExpression(integer(1, SECONDS)),
    },
    required: ['Resource'],
  },
  Parallel: { fields: { ...RECOVERING, Arguments: anything, Branches: array }, required: ['Branches'] },
  Map: {
    fields: {
      ...RECOVERING,
      Items: orExpression(either(array, object)),
      ItemSelector: anything,
      ItemProcessor: object,
      ItemReader: object,
      ItemBatcher: object,
      ResultWriter: object,
      MaxConcurrency: orExpression(integer(0, Number.MAX_SAFE_INTEGER)),
      ToleratedFailureCount: orExpression(integer(0, Number.MAX_SAFE_INTEGER)),
      ToleratedFailurePercentage: orExpression(number(0, 100)),
      Label: text,
    },
    required: ['ItemProcessor'],
  },
};

const PARTS: Readonly<Record<'Choice' | 'Retrier' | 'Catcher' | 'Processor' | 'Branch', Shape>> = {
  Choice: {
    fields: {
      Comment: text,
      Condition: orExpression(truth),
      Next: text,
      Output: anything,
      Assign: object,
    },
    required: ['Condition', 'Next'],
  },
  Retrier: {
    fields: {
      Comment: text,
      ErrorEquals: array,
      IntervalSeconds: integer(1, SECONDS),
      MaxAttempts: integer(0, SECONDS),
      BackoffRate: number(1, Number.MAX_SAFE_INTEGER),
      MaxDelaySeconds: integer(1, 31_622_399),
      JitterStrategy: oneOf('FULL', 'NONE'),
    },
    required: ['ErrorEquals'],
  },
  Catcher: {
    fields: { Comment: text, ErrorEquals: array, Next: text, Output: anything, Assign: object },
    required: ['ErrorEquals', 'Next'],
  },
  Processor: { fields: { Comment: text, ProcessorConfig: object, StartAt: text, States: object } },
  Branch: { fields: { Comment: text, StartAt: text, States: object } },
};

/** The fields of a JSONata state and of its parts. */
export function fieldFindings(state: State, location: string): Finding[] {
  const shape = STATES[state.Type];
  if (!shape)
    return [invalid(`expected a Type of ${Object.keys(STATES).join(', ')}, got ${state.Type}`, `${location}/Type`)];
  return [
    ...shapeFindings(state, shape, location),
    ...listFindings(state.Choices, PARTS.Choice, `${location}/Choices`),
    ...listFindings(state.Retry, PARTS.Retrier, `${location}/Retry`),
    ...listFindings(state.Catch, PARTS.Catcher, `${location}/Catch`),
    ...listFindings(state.Branches, PARTS.Branch, `${location}/Branches`),
    ...(isObject(state.ItemProcessor)
      ? shapeFindings(state.ItemProcessor, PARTS.Processor, `${location}/ItemProcessor`)
      : []),
  ];
}

function shapeFindings(value: object, { fields, required = [] }: Shape, location: string): Finding[] {
  const found = missing(value, required, location);
  for (const [field, given] of Object.entries(value)) {
    const expected = fields[field] ? fields[field](given) : 'no such field';
    if (expected === undefined) continue;
    const message = fields[field]
      ? `expected ${expected}, got ${JSON.stringify(given)}`
      : `Field '${field}' is not supported`;
    found.push(invalid(message, `${location}/${field}`));
  }
  return found;
}

const listFindings = (list: unknown, shape: Shape, location: string): Finding[] =>
  (Array.isArray(list) ? list : []).flatMap((item, i) =>
    isObject(item)
      ? shapeFindings(item, shape, `${location}[${i}]`)
      : [invalid(`expected an object, got ${JSON.stringify(item)}`, `${location}[${i}]`)],
  );

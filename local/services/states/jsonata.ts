import jsonata from 'jsonata';
import { EvaluationError } from './failure.ts';
import { FUNCTIONS } from './functions.ts';
import { type Json, type JsonType, jsonTypeOf } from './json.ts';

/** What an expression sees. */
export interface Bindings {
  /** `$states`: input, context, and result or errorOutput where there is one. */
  readonly states: Json;
  /** Workflow variables by name, outer scopes included. */
  readonly variables: ReadonlyMap<string, Json>;
  /** Milliseconds since the epoch, for `$now` and `$millis`. */
  readonly now: number;
}

const DELIMITED = /^\{%([\s\S]*)%\}$/;

/** The text between `{%` and `%}`, or undefined for a literal string. */
export const expressionIn = (text: string): string | undefined => DELIMITED.exec(text)?.[1]?.trim();

/** Where JSONata looks for a callback. */
const STEP = Symbol.for('jsonata.__evaluate_entry');

const compiled = new Map<string, jsonata.Expression>();
const MOST_COMPILED = 2_000;

/** An expression that takes more steps than this would run for ever. */
const MOST_STEPS = 1_000_000;

/** Steps taken, by the `$states` of the evaluation. */
const steps = new WeakMap<object, number>();

/** Called by JSONata before every step of an evaluation. */
function countStep(_node: unknown, _input: unknown, environment: jsonata.Environment): void {
  const states = environment.lookup('states') as object;
  const taken = (steps.get(states) ?? 0) + 1;
  steps.set(states, taken);
  if (taken > MOST_STEPS) throw new Error(`expected an expression of at most ${MOST_STEPS} steps`);
}

/** @throws the parser's own error, with `code` and `position` */
export function compile(expression: string): jsonata.Expression {
  const known = compiled.get(expression);
  if (known) return known;
  const fresh = jsonata(expression);
  fresh.assign(STEP as unknown as string, countStep);
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  compiled.set(expression, fresh);
  return fresh;
}

/**
 * Replaces every `{% expression %}` in a template by its value.
 *
 * @param template a field's value as the definition has it
 * @param field the field's path, for the error's cause: `Output`, `Assign/result`
 * @throws {EvaluationError} an expression is wrong or returns nothing
 */
export async function resolve(template: Json, field: string, bindings: Bindings): Promise<Json> {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    return expression === undefined ? template : evaluate(expression, field, bindings);
  }
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [i, item] of template.entries()) items.push(await resolve(item, `${field}[${i}]`, bindings));
    return items;
  }
  if (typeof template !== 'object' || template === null) return template;
  const entries: [string, Json][] = [];
  for (const [key, value] of Object.entries(template)) {
    entries.push([key, await resolve(value, `${field}/${key}`, bindings)]);
  }
  return Object.fromEntries(entries);
}

/**
 * Like `resolve`, for a field that takes one type only.
 *
 * @throws {EvaluationError} the value has another type
 */
export async function resolveTyped(template: Json, field: string, type: JsonType, bindings: Bindings): Promise<Json> {
  const value = await resolve(template, field, bindings);
  if (jsonTypeOf(value) === type) return value;
  const expression = typeof template === 'string' ? expressionIn(template) : undefined;
  const source =
    expression === undefined
      ? `The field '${field}' has an unexpected type.`
      : `The JSONata expression '${expression}' specified for the field '${field}' returned an unexpected result type.`;
  throw new EvaluationError(
    field,
    `${source} Expected '${type}', but was '${jsonTypeOf(value)}' for value: ${JSON.stringify(value)}`,
  );
}

/** What a number may be. */
export interface Range {
  readonly least: number;
  readonly most: number;
  /** @default true */
  readonly integer?: boolean;
}

/** @throws {EvaluationError} the value is no number, or out of range */
export async function resolveNumber(
  template: Json,
  field: string,
  { least, most, integer = true }: Range,
  bindings: Bindings,
): Promise<number> {
  const value = (await resolveTyped(template, field, 'number', bindings)) as number;
  if (value >= least && value <= most && (!integer || Number.isInteger(value))) return value;
  const kind = integer ? 'an integer' : 'a number';
  throw new EvaluationError(field, `The ${field} field must be ${kind} between ${least} and ${most} but was: ${value}`);
}

async function evaluate(expression: string, field: string, bindings: Bindings): Promise<Json> {
  let value: unknown;
  try {
    value = await compile(expression).evaluate(undefined, environment(bindings));
  } catch (error) {
    throw new EvaluationError(
      field,
      `The JSONata expression '${expression}' specified for the field '${field}' threw an error during evaluation${explain(error)}`,
    );
  }
  // JSON drops what JSONata leaves undefined inside objects, and the marks it keeps on its arrays.
  const text = JSON.stringify(value, (_, part: unknown) => jsonPart(part, expression, field));
  if (text === undefined) {
    throw new EvaluationError(
      field,
      `The JSONata expression '${expression}' specified for the field '${field}' returned nothing (undefined).`,
    );
  }
  return JSON.parse(text) as Json;
}

/** @throws {EvaluationError} a function, or a number that JSON does not have */
function jsonPart(part: unknown, expression: string, field: string): unknown {
  const source = `The JSONata expression '${expression}' specified for the field '${field}'`;
  if (isFunction(part)) throw new EvaluationError(field, `${source} returned an unsupported result type.`);
  if (typeof part === 'number' && !Number.isFinite(part)) {
    throw new EvaluationError(field, `${source} threw an error during evaluation. D1001: Number out of range: ${part}`);
  }
  return part;
}

/** Of JavaScript, or as JSONata writes its own. */
const isFunction = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value));

function environment(bindings: Bindings): Record<string, unknown> {
  const now = new Date(bindings.now);
  return {
    ...FUNCTIONS,
    now: (picture?: string, zone?: string) =>
      picture === undefined
        ? now.toISOString()
        : jsonata('$fromMillis($t, $p, $z)').evaluate({}, { t: bindings.now, p: picture, z: zone }),
    millis: () => bindings.now,
    ...Object.fromEntries(bindings.variables),
    states: bindings.states,
  };
}

/** What went wrong: after a full stop with JSONata's own code, after a colon without one. */
function explain(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ? `. ${code}: ${message}` : `: ${message ?? error}`;
}

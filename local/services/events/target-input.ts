import { ServiceError } from '../../service.ts';
import type { Rule, Target } from './rule.ts';

/** An event as a target receives it. */
export type DeliveredEvent = Readonly<Record<string, unknown>>;

/** What a target receives of an event: a constant, a part, a template filled in, or the whole; JSON or text. */
export const targetInput = (event: DeliveredEvent, rule: Rule, target: Target, now: number): string => {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(at(event, target.InputPath) ?? null);
  if (target.InputTransformer === undefined) return JSON.stringify(event);
  const { InputPathsMap = {}, InputTemplate } = target.InputTransformer;
  const values = new Map<string, unknown>([
    ['aws.events.rule-arn', rule.arn],
    ['aws.events.rule-name', rule.name],
    ['aws.events.event.ingestion-time', new Date(now).toISOString()],
    ['aws.events.event', event],
    ['aws.events.event.json', event],
    ...Object.entries(InputPathsMap).map(([name, path]): [string, unknown] => [name, at(event, path)]),
  ]);
  return fill(InputTemplate, values);
};

/** A placeholder between quotes becomes text within them; elsewhere it becomes a JSON value. */
const fill = (template: string, values: ReadonlyMap<string, unknown>): string => {
  let quoted = false;
  return template.replaceAll(/\\.|"|<([\w.-]+)>/g, (token, name: string | undefined) => {
    if (token === '"') quoted = !quoted;
    if (name === undefined || !values.has(name)) return token;
    const value = values.get(name);
    if (!quoted) return JSON.stringify(value ?? null);
    const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
    return JSON.stringify(text).slice(1, -1);
  });
};

/** The value at a path of names and indices: `$.detail.items[0].name`. */
const at = (event: unknown, path: string): unknown => {
  if (!/^\$(\.[\w-]+|\[\d+\]|\['[^']+'\])*$/.test(path)) {
    throw new ServiceError('ValidationException', `expected a path such as $.detail.name, got ${path}`);
  }
  return [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g)].reduce<unknown>(
    (value, [, name, index, quoted]) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string, unknown>)[(name ?? index ?? quoted)!]
        : undefined,
    event,
  );
};

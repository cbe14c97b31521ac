import type { KeyUse, NumberRange } from './fields.ts';

/** JSON Schema, draft 7: what editors understand. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * The schema of model.yaml, made of what its parser asks for.
 *
 * The parser stays the authority: rules between keys (exactly one of framework and image, a gate's bar) are not in here.
 *
 * @param uses what the parser asked of definitions that together have every key
 * @param descriptions by path
 * @throws {RangeError} a key is known that no definition asked for
 */
export function definitionSchema(uses: readonly KeyUse[], descriptions: Readonly<Record<string, string>>): JsonSchema {
  const byPath = Map.groupBy(uses, ({ path }) => path);
  /** Every map of this kind asked for it, and none had an answer of its own where it is absent. */
  const isRequired = (path: string, section: string): boolean => {
    const asked = Map.groupBy(byPath.get(path) ?? [], ({ of }) => of);
    return (byPath.get(section) ?? [])
      .filter(({ kind }) => kind === 'section')
      .every(({ of }) => asked.get(of)?.every((use) => use.isRequired ?? hasRequired(use)) ?? false);
  };
  /** A map that is always read, and has keys that may not be absent. */
  const hasRequired = ({ kind, path }: KeyUse): boolean =>
    kind === 'nested' && knownAt(path).some((key) => isRequired(`${path}.${key}`, path));
  const knownAt = (path: string) => byPath.get(path)?.find(({ kind }) => kind === 'section')?.known ?? [];
  const schemaAt = (path: string): JsonSchema => {
    const described = descriptions[path] === undefined ? {} : { description: descriptions[path] };
    return { ...described, ...shapeAt(path) };
  };
  const shapeAt = (path: string): JsonSchema => {
    const asked = byPath.get(path);
    const use = asked?.find(({ kind }) => kind !== 'nested');
    if (!asked || !use) throw new RangeError(`expected a definition that has ${path}, got none: add one to the probes`);
    if (use.kind === 'list') return { type: 'array', items: schemaAt(`${path}[]`) };
    if (use.kind === 'map') {
      const values = byPath.has(`${path}{}`) ? schemaAt(`${path}{}`) : SCALAR;
      return { type: 'object', additionalProperties: values };
    }
    if (use.kind !== 'section') return valueSchema(asked);
    const keys = knownAt(path);
    const pathOf = (key: string) => (path === '' ? key : `${path}.${key}`);
    const required = keys.filter((key) => isRequired(pathOf(key), path));
    return {
      type: 'object',
      properties: Object.fromEntries(keys.map((key) => [key, schemaAt(pathOf(key))])),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
  };
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'model.yaml of Launchway', ...schemaAt('') };
}

/** YAML makes numbers of labels like `1`; the parser reads them as they were written. */
const SCALAR = { type: ['string', 'number', 'boolean'] };

/** @param uses of one key; where they differ (a limit that depends on another key), the widest holds */
function valueSchema(uses: readonly KeyUse[]): JsonSchema {
  const [{ kind, pattern, values = [] }] = uses as [KeyUse];
  const fallbacks = new Set(uses.flatMap(({ fallback }) => (fallback === undefined ? [] : [fallback])));
  const byDefault = fallbacks.size === 1 ? { default: [...fallbacks][0] } : {};
  switch (kind) {
    case 'number':
      return { ...rangeSchema(uses.flatMap(({ range }) => (range ? [range] : []))), ...byDefault };
    case 'boolean':
      return { type: 'boolean', ...byDefault };
    case 'oneOf':
      return { enum: [...new Set(uses.flatMap((use) => use.values ?? []))], ...byDefault };
    case 'texts':
      return { type: 'array', items: { ...SCALAR, ...(pattern && { pattern: pattern.source }) } };
    case 'scalars':
      return { type: 'array', items: SCALAR };
    default:
      return {
        ...SCALAR,
        ...(pattern && { pattern: pattern.source }),
        ...(values.length > 0 && { enum: values }),
        ...byDefault,
      };
  }
}

function rangeSchema(ranges: readonly NumberRange[]): JsonSchema {
  const lowest = ranges.map(({ min }) => min ?? Number.NEGATIVE_INFINITY);
  const highest = ranges.map(({ max }) => max ?? Number.POSITIVE_INFINITY);
  const [minimum, maximum] = [Math.min(...lowest), Math.max(...highest)];
  return {
    type: ranges.every(({ integer }) => integer) ? 'integer' : 'number',
    ...(Number.isFinite(minimum) && { minimum }),
    ...(Number.isFinite(maximum) && { maximum }),
  };
}

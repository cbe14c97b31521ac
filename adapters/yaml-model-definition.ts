import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { DeployedConfig } from '../domain/deployed-config.ts';
import { DefinitionRefusedError } from '../domain/errors.ts';
import type { WatchKeys } from '../domain/model-definition/fields.ts';
import {
  type DefinitionNode,
  type DefinitionProblem,
  type Position,
  problemLine,
} from '../domain/model-definition/nodes.ts';
import { type ParsedDefinition, parseDefinition } from '../domain/model-definition/parse-definition.ts';
import type { ModelDefinition } from '../domain/model-definition.ts';

/** Larger than any definition a person writes. */
export const MAX_DEFINITION_BYTES = 64 * 1024;
const MAX_DEPTH = 12;

/** Reads model.yaml; every problem in it has its line and column. */
export function parseModelDefinition(text: string, config?: DeployedConfig, watch?: WatchKeys): ParsedDefinition {
  if (Buffer.byteLength(text) > MAX_DEFINITION_BYTES) {
    return refused(`expected at most ${MAX_DEFINITION_BYTES} bytes, got ${Buffer.byteLength(text)}`);
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    version: '1.2',
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (!document?.contents) return refused('expected a definition, got an empty file');
  if (second) return refused('expected one YAML document, got several');
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const syntax = document.errors.map(({ pos, message }) => ({ ...at(pos[0]), message: message.split('\n')[0]! }));
  if (syntax.length > 0) return { problems: syntax };
  const problems: DefinitionProblem[] = [];
  const node = toNode(document.contents as Node, at, problems, 0);
  return problems.length > 0 ? { problems } : parseDefinition(node, config, watch);
}

/**
 * As parseModelDefinition, for callers that cannot go on without a definition.
 *
 * @throws {DefinitionRefusedError} one line per problem in the message, and in `details.problems`
 */
export function readModelDefinition(text: string, config?: DeployedConfig): ModelDefinition {
  const parsed = parseModelDefinition(text, config);
  if (parsed.definition) return parsed.definition;
  const problems = parsed.problems.map((problem) => problemLine('model.yaml', problem));
  throw new DefinitionRefusedError(problems.join('\n'), { problems, owner: parsed.owner });
}

const refused = (message: string): ParsedDefinition => ({ problems: [{ line: 1, column: 1, message }] });

function toNode(
  node: Node | null,
  at: (offset: number) => Position,
  problems: DefinitionProblem[],
  depth: number,
): DefinitionNode {
  const position = at(node?.range?.[0] ?? 0);
  const note = (message: string): DefinitionNode => {
    problems.push({ ...position, message });
    return { kind: 'scalar', text: '', quoted: false, ...position };
  };
  if (depth > MAX_DEPTH) return note(`expected at most ${MAX_DEPTH} levels of nesting`);
  if (isAlias(node)) return note('anchors and aliases are not supported; write the value out');
  const { tag } = (node ?? {}) as { tag?: string };
  if (tag !== undefined && !tag.startsWith('tag:yaml.org,2002:'))
    return note(`tag ${tag.slice(0, 60)} is not supported`);
  if (isMap(node)) {
    const entries = node.items.flatMap(({ key, value }) => {
      if (!isScalar(key)) {
        note('expected a key to be text');
        return [];
      }
      const keyAt = at(key.range?.[0] ?? 0);
      // A key without a value has no node of its own: it is "nothing", where the key is.
      const child = value
        ? toNode(value as Node, at, problems, depth + 1)
        : { kind: 'scalar' as const, text: '', quoted: false, ...keyAt };
      return [{ key: key.source ?? String(key.value), at: keyAt, value: child }];
    });
    return { kind: 'map', entries, ...position };
  }
  if (isSeq(node)) {
    return {
      kind: 'list',
      items: node.items.map((item) => toNode(item as Node, at, problems, depth + 1)),
      ...position,
    };
  }
  if (isScalar(node)) {
    return {
      kind: 'scalar',
      text: node.source ?? String(node.value ?? ''),
      quoted: node.type !== 'PLAIN',
      ...position,
    };
  }
  return note('expected a map, a list or a value');
}

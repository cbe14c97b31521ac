import type jsonata from 'jsonata';

/** The package's types leave out some of its node types: `path`, `bind`, `apply`. */
export type ExprNode = Omit<jsonata.ExprNode, 'type' | 'steps'> & {
  readonly type: string;
  readonly steps?: readonly ExprNode[];
};

/** A node and every node below it. */
export function* nodesOf(part: unknown): Generator<ExprNode> {
  if (typeof part !== 'object' || part === null) return;
  if ('type' in part) yield part as ExprNode;
  for (const inner of Object.values(part)) yield* nodesOf(inner);
}

/** Fields through which an expression's parts are evaluated in the same context as itself. */
const SAME_CONTEXT = ['arguments', 'procedure', 'expressions', 'expression', 'lhs', 'rhs', 'condition', 'then', 'else'];

/** Names that look into the context by themselves: a field, `*`, `**`, `%`. */
const LOOKS_INTO_CONTEXT = new Set(['name', 'wildcard', 'descendant', 'parent']);

/**
 * The first reference to a top-level context, which Step Functions does not have: `input.x`, `$` or `$$` where no step, filter
 * or function around it gives one.
 *
 * @returns what is referred to, or undefined
 */
export function topLevelReference(node: ExprNode): string | undefined {
  if (LOOKS_INTO_CONTEXT.has(node.type)) return String(node.value);
  if (node.type === 'variable') return node.value === '' ? '$' : node.value === '$' ? '$$' : undefined;
  // What a lambda's body sees depends on who calls it; later steps and filters of a path have a context of their own.
  if (node.type === 'lambda') return undefined;
  if (node.type === 'path') return node.steps?.[0] && topLevelReference(node.steps[0]);
  const parts = node as unknown as Readonly<Record<string, unknown>>;
  for (const field of SAME_CONTEXT) {
    if (node.type === 'bind' && field === 'lhs') continue;
    const found = firstIn(parts[field]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Parts are nodes, lists of nodes, or an object's list of pairs. */
function firstIn(part: unknown): string | undefined {
  if (!Array.isArray(part)) {
    return typeof part === 'object' && part !== null && 'type' in part
      ? topLevelReference(part as ExprNode)
      : undefined;
  }
  for (const item of part) {
    const found = firstIn(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

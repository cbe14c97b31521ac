import type { State } from '../definition.ts';
import { isObject } from '../json.ts';
import { compile, expressionIn } from '../jsonata.ts';
import { type Finding, finding } from './finding.ts';
import { type ExprNode, nodesOf, topLevelReference } from './top-level.ts';

const CODE = 'INVALID_JSONATA_EXPRESSION';

/** States whose work has a result. */
const WITH_RESULT = new Set(['Task', 'Parallel', 'Map']);

/** Fields that are text whatever they hold, or blocks whose states are visited on their own. */
const NOT_EVALUATED = new Set([
  'Comment',
  'Type',
  'QueryLanguage',
  'Next',
  'Default',
  'Resource',
  'ErrorEquals',
  'Label',
  'Branches',
  'ItemProcessor',
]);

/** Every expression of a JSONata state. */
export function expressionFindings(state: State, location: string): Finding[] {
  return [...textsOf(state, '')].flatMap(({ field, text }) => {
    if (text.startsWith('{%') !== text.endsWith('%}')) {
      return [
        finding(CODE, "expected an expression between '{%' and '%}', with nothing around them", `${location}${field}`),
      ];
    }
    const expression = expressionIn(text);
    return expression === undefined ? [] : checked(state, field, expression, location);
  });
}

function checked(state: State, field: string, expression: string, location: string): Finding[] {
  let tree: ExprNode;
  try {
    tree = compile(expression).ast() as ExprNode;
  } catch (error) {
    return [finding(CODE, (error as Error).message, `${location}${field}`)];
  }
  const found: string[] = [];
  const reference = topLevelReference(tree);
  if (reference !== undefined) {
    found.push(
      `'${reference}' refers to a top-level context, which is not available: start from $states or a variable`,
    );
  }
  for (const member of ['result', 'errorOutput'] as const) {
    if (reads(tree, member) && !isThere(state, field, member)) found.push(`$states.${member} is not available here`);
  }
  return found.map((message) => finding(CODE, message, `${location}${field}`));
}

/** The result is there once the work is done, the error once it was caught. */
function isThere(state: State, field: string, member: 'result' | 'errorOutput'): boolean {
  if (member === 'errorOutput') return /^\/Catch\[\d+\]\/(Output|Assign)(\/|\[|$)/.test(field);
  return WITH_RESULT.has(state.Type) && /^\/(Output|Assign)(\/|\[|$)/.test(field);
}

/** Whether an expression says `$states.member` somewhere. */
function reads(tree: ExprNode, member: string): boolean {
  for (const node of nodesOf(tree)) {
    const [first, second] = node.type === 'path' ? (node.steps ?? []) : [];
    if (first?.type === 'variable' && first.value === 'states' && second?.value === member) return true;
  }
  return false;
}

function* textsOf(value: unknown, field: string): Generator<{ field: string; text: string }> {
  if (typeof value === 'string') yield { field, text: value };
  else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* textsOf(item, `${field}[${i}]`);
  } else if (isObject(value)) {
    const top = field === '' || /^\/(Choices|Catch|Retry)\[\d+\]$/.test(field);
    for (const [key, item] of Object.entries(value)) {
      if (!top || !NOT_EVALUATED.has(key)) yield* textsOf(item, `${field}/${key}`);
    }
  }
}

import {
  customName,
  isMetric,
  isOperationMetric,
  lowerIsBetter,
  METRICS,
  OPERATION_METRICS,
} from '../evaluation/metric-names.ts';
import type { Gate, ModelDefinition, Problem } from '../model-definition.ts';
import type { Fields } from './fields.ts';

const DEFAULT_METRIC = {
  'binary-classification': 'auc',
  'multiclass-classification': 'aucMacro',
  regression: 'r2',
} as const satisfies Readonly<Record<Problem['type'], string>>;

/** Where a definition names no gate: not worse than what serves, by a measure without a unit. */
const defaultGates = (problem: Problem): Gate[] => [
  {
    metric: DEFAULT_METRIC[problem.type],
    versusChampion: 'notWorse',
    margin: 0.02,
    confidence: 0.95,
  },
];

export function parseValidation(
  root: Fields,
  problem: Problem,
  attributes: readonly string[],
): ModelDefinition['validation'] {
  const fields = root.section('validation', { known: ['gates', 'fairness', 'importanceRows'] });
  const fairness = parseFairness(fields, problem, attributes);
  const importanceRows = fields.number('importanceRows', { min: 0, max: 1_000_000, integer: true }, 50_000);
  if (!fields.has('gates')) return { gates: defaultGates(problem), fairness, importanceRows };
  const known = ['metric', 'atLeast', 'atMost', 'versusChampion', 'margin', 'confidence', 'slice', 'minRows'];
  const gates = fields.sections('gates', { known }).map((gate) => parseGate(gate, problem, attributes));
  return { gates, fairness, importanceRows };
}

function parseGate(gate: Fields, problem: Problem, attributes: readonly string[]): Gate {
  const metric = gate.text('metric', /^\S/, 'the name of a metric');
  checkMetric(gate, metric, problem.type);
  const bars = ['atLeast', 'atMost', 'versusChampion'].filter((key) => gate.has(key));
  if (bars.length !== 1)
    gate.note(
      gate.at,
      `expected exactly one of atLeast, atMost and versusChampion in a gate, got ${bars.join(' and ') || 'none'}`,
    );
  const wrong = lowerIsBetter(metric) ? 'atLeast' : 'atMost';
  // Whether a custom metric is better when lower, only its author knows.
  if (gate.has(wrong) && customName(metric) === undefined)
    gate.note(
      gate.where(wrong),
      `${metric} is better when ${lowerIsBetter(metric) ? 'lower' : 'higher'}: ${wrong} would refuse good models`,
    );
  const sliced = gate.has('slice');
  if (sliced && gate.has('versusChampion'))
    gate.note(gate.where('slice'), 'a slice is compared with a bar, not with the champion, in this version');
  return withoutUndefined({
    metric,
    atLeast: gate.optionalNumber('atLeast', {}),
    atMost: gate.optionalNumber('atMost', {}),
    ...(gate.has('versusChampion') ? versusChampion(gate) : unused(gate, ['margin'])),
    ...(sliced ? slice(gate, attributes) : unused(gate, ['minRows'])),
    ...(!sliced && !gate.has('versusChampion') && unused(gate, ['confidence'])),
  });
}

/** What is reported once, for the whole model, has no rows to slice or to compare on. */
function checkMetric(gate: Fields, metric: string, problem: Problem['type']): void {
  if (isMetric(metric, problem)) return;
  if (!isOperationMetric(metric) && customName(metric) === undefined) {
    const all = [...METRICS[problem], ...OPERATION_METRICS, 'custom:NAME'].join(', ');
    gate.note(gate.where('metric'), `expected a metric of ${problem} (${all}), got "${metric.slice(0, 60)}"`);
    return;
  }
  for (const key of ['slice', 'versusChampion']) {
    if (gate.has(key))
      gate.note(gate.where(key), `${metric} is one number for the whole model: give it a bar, atLeast or atMost`);
  }
}

function parseFairness(
  fields: Fields,
  { type }: Problem,
  attributes: readonly string[],
): ModelDefinition['validation']['fairness'] {
  const known = ['attribute', 'metric', 'atLeast', 'atMost', 'minRows', 'confidence'];
  if (fields.has('fairness') && type !== 'binary-classification')
    fields.note(fields.where('fairness'), `validation.fairness judges decisions; ${type} has none in this version`);
  return fields.sections('fairness', { known }).map((gate) => {
    const metric = gate.oneOf('metric', ['disparate-impact', 'equal-opportunity-difference'], []);
    const [bar, other] =
      metric === 'disparate-impact' ? (['atLeast', 'atMost'] as const) : (['atMost', 'atLeast'] as const);
    unused(gate, [other]);
    return {
      attribute: attributeOf(gate, 'attribute', attributes),
      metric,
      [bar]: gate.number(bar, { min: 0, max: 1 }),
      minRows: gate.number('minRows', { min: 20, integer: true }, 200),
      confidence: confidence(gate),
    };
  });
}

const versusChampion = (gate: Fields): Partial<Gate> => {
  const versus = gate.oneOf('versusChampion', ['notWorse', 'better'], []);
  if (versus === 'better') unused(gate, ['margin']);
  return {
    versusChampion: versus,
    ...(versus === 'notWorse' && { margin: gate.number('margin', { min: 0 }, 0.02) }),
    confidence: confidence(gate),
  };
};

function slice(gate: Fields, attributes: readonly string[]): Partial<Gate> {
  return {
    slice: attributeOf(gate, 'slice', attributes),
    minRows: gate.number('minRows', { min: 20, integer: true }, 200),
    confidence: confidence(gate),
  };
}

function attributeOf(gate: Fields, key: string, attributes: readonly string[]): string {
  const attribute = gate.text(key, /^\S/, 'an attribute');
  if (!attributes.includes(attribute)) {
    gate.note(
      gate.where(key),
      `expected ${key} to be one of columns.attributes (${attributes.join(', ') || 'none'}), got "${attribute.slice(0, 60)}"`,
    );
  }
  return attribute;
}

const confidence = (gate: Fields): number => gate.number('confidence', { min: 0.5, max: 0.999 }, 0.95);

/** A key without effect is refused, so that nobody believes in it. */
function unused(gate: Fields, keys: readonly string[]): Partial<Gate> {
  for (const key of keys) if (gate.has(key)) gate.note(gate.where(key), `${key} has no effect on this gate`);
  return {};
}

const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;

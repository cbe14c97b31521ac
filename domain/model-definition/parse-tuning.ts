import type { Scaling, Training, TunedRange, Tuning } from '../model-definition.ts';
import type { Fields } from './fields.ts';
import { HYPERPARAMETER } from './patterns.ts';

/** SageMaker's limits of one search. */
const MAX_JOBS = 500;
const MAX_PARALLEL = 100;
const MAX_RANGES = 30;
const MAX_CATEGORIES = 30;

const METRIC = /^\S.{0,254}$/;
const SCALINGS: readonly Scaling[] = ['auto', 'linear', 'logarithmic', 'reverseLogarithmic'];
const KINDS = ['integer', 'continuous', 'categorical'] as const;

export function parseTuning(training: Fields, fixed: Training['hyperparameters']): Tuning {
  const fields = training.section('tuning', {
    known: ['metric', 'pattern', 'goal', 'strategy', 'maxJobs', 'maxParallelJobs', 'ranges'],
  });
  const strategy = fields.oneOf('strategy', ['random', 'bayesian', 'grid'] as const, ['hyperband'], 'random');
  const maxJobs = fields.number('maxJobs', { min: 1, max: MAX_JOBS, integer: true }, 20);
  const most = Math.min(maxJobs, MAX_PARALLEL);
  const tuning: Tuning = {
    metric: fields.text('metric', METRIC, 'the name of a metric'),
    pattern: parsePattern(fields),
    goal: fields.oneOf('goal', ['maximize', 'minimize'] as const, []),
    strategy,
    maxJobs,
    maxParallelJobs: fields.number('maxParallelJobs', { min: 1, max: most, integer: true }, Math.min(4, most)),
    ranges: parseRanges(fields, fixed),
  };
  if (strategy === 'grid') checkGrid(fields, tuning);
  return tuning;
}

function parsePattern(fields: Fields): string {
  const pattern = fields.text('pattern', /^.{1,500}$/, 'a regular expression of at most 500 characters');
  try {
    // One group more than there is: an alternative that matches nothing shows how many there are.
    const groups = new RegExp(`${pattern}|`).exec('')!.length - 1;
    if (groups !== 1)
      fields.note(fields.where('pattern'), `expected training.tuning.pattern to have one group, got ${groups}`);
  } catch {
    fields.note(
      fields.where('pattern'),
      'expected training.tuning.pattern to be a regular expression, got another text',
    );
  }
  return pattern;
}

function parseRanges(fields: Fields, fixed: Training['hyperparameters']): Tuning['ranges'] {
  const sections = fields.freeSections('ranges', { known: [...KINDS, 'scaling'] });
  if (sections.length === 0 || sections.length > MAX_RANGES)
    fields.note(
      fields.where('ranges'),
      `expected 1 to ${MAX_RANGES} ranges in training.tuning, got ${sections.length}`,
    );
  return Object.fromEntries(
    sections.map(({ key, fields: range }) => {
      if (!HYPERPARAMETER.test(key))
        range.note(range.at, 'expected a range to be named as a hyperparameter: letters, digits, ".", "_" and "-"');
      if (Object.hasOwn(fixed, key))
        range.note(range.at, `${key} is fixed in training.hyperparameters: a hyperparameter is fixed or searched for`);
      return [key, parseRange(range)];
    }),
  );
}

function parseRange(range: Fields): TunedRange {
  const kinds = KINDS.filter((kind) => range.has(kind));
  const [kind = 'continuous'] = kinds;
  if (kinds.length !== 1)
    range.note(range.at, `expected one of ${KINDS.join(', ')}, got ${kinds.join(' and ') || 'none'}`);
  if (kind === 'categorical') return parseCategories(range);
  const numbers = range.scalars(kind).map(({ text, quoted }) => (quoted ? Number.NaN : Number(text)));
  const [low = 0, high = 0] = numbers;
  const isWhole = kind === 'continuous' || (Number.isInteger(low) && Number.isInteger(high));
  if (numbers.length !== 2 || !(low < high) || !isWhole)
    range.note(range.where(kind), `expected [lowest, highest], both ${kind === 'integer' ? 'whole ' : ''}numbers`);
  const scaling = range.oneOf('scaling', SCALINGS, [], 'auto');
  checkScaling(range, kind, low, high, scaling);
  return { kind, low, high, scaling };
}

function checkScaling(range: Fields, kind: string, low: number, high: number, scaling: Scaling): void {
  if (scaling === 'logarithmic' && low <= 0)
    range.note(range.where('scaling'), `expected a lowest value above 0 for logarithmic scaling, got ${low}`);
  if (scaling === 'reverseLogarithmic' && (kind === 'integer' || low < 0 || high >= 1))
    range.note(range.where('scaling'), 'expected a continuous range from 0 to below 1 for reverseLogarithmic scaling');
}

function parseCategories(range: Fields): TunedRange {
  const values = range.scalars('categorical').map(({ text }) => text);
  if (values.length === 0 || values.length > MAX_CATEGORIES || new Set(values).size < values.length)
    range.note(range.where('categorical'), `expected 1 to ${MAX_CATEGORIES} different values`);
  if (range.has('scaling')) range.note(range.where('scaling'), 'scaling goes with integer and continuous ranges');
  return { kind: 'categorical', values };
}

/** A grid tries every combination: SageMaker takes categories only, and as many jobs as there are combinations. */
function checkGrid(fields: Fields, { ranges, maxJobs }: Tuning): void {
  const all = Object.values(ranges);
  if (all.some(({ kind }) => kind !== 'categorical')) {
    fields.note(fields.where('strategy'), 'strategy: grid takes categorical ranges only; list the values to try');
    return;
  }
  const size = all.reduce((product, range) => product * (range.kind === 'categorical' ? range.values.length : 1), 1);
  if (size > MAX_JOBS || (fields.has('maxJobs') && maxJobs !== size))
    fields.note(
      fields.where('maxJobs'),
      `expected as many jobs as the grid has combinations (${size}), at most ${MAX_JOBS}`,
    );
}

import { describe, expect, it } from '@jest/globals';
import { parseModelDefinition, readModelDefinition } from '../../../adapters/yaml-model-definition.ts';
import { searchPlan } from '../../../domain/training/tuning.ts';
import { definitionText } from '../../support/release-world.ts';

const text = (tuning: string, training = 'image: "launchway/flight-delays:1"') =>
  definitionText((t) => t.replace('image: "launchway/flight-delays:1"', `${training}, tuning: ${tuning}`));
const problemsOf = (tuning: string) =>
  parseModelDefinition(text(tuning))
    .problems.map(({ message }) => message)
    .join('\n');
const tuning = (ranges: string, more = '') =>
  `{ metric: "validation:auc", pattern: "auc=([0-9.]+)", goal: maximize${more}, ranges: ${ranges} }`;

const RANGES =
  '{ depth: { integer: [3, 10] }, rate: { continuous: [0.001, 0.1], scaling: logarithmic }, loss: { categorical: [log, 1e1] } }';

describe('a search for hyperparameters', () => {
  it('has defaults', () => {
    expect(readModelDefinition(text(tuning(RANGES))).training.tuning).toEqual({
      metric: 'validation:auc',
      pattern: 'auc=([0-9.]+)',
      goal: 'maximize',
      strategy: 'random',
      maxJobs: 20,
      maxParallelJobs: 4,
      ranges: {
        depth: { kind: 'integer', low: 3, high: 10, scaling: 'auto' },
        rate: { kind: 'continuous', low: 0.001, high: 0.1, scaling: 'logarithmic' },
        loss: { kind: 'categorical', values: ['log', '1e1'] },
      },
    });
  });

  it.each([
    [
      'one group in the pattern',
      tuning('{ a: { integer: [1, 2] } }').replace('([0-9.]+)', '[0-9.]+'),
      'one group, got 0',
    ],
    ['a pattern', tuning('{ a: { integer: [1, 2] } }').replace('([0-9.]+)', '('), 'a regular expression, got another'],
    ['a goal', '{ metric: a, pattern: "(a)", ranges: { a: { integer: [1, 2] } } }', 'missing training.tuning.goal'],
    ['a range', tuning('{}'), 'expected 1 to 30 ranges'],
    ['one kind of range', tuning('{ a: { integer: [1, 2], categorical: [x] } }'), 'got integer and categorical'],
    ['a kind of range', tuning('{ a: {} }'), 'got none'],
    ['whole numbers', tuning('{ a: { integer: [1, 2.5] } }'), 'both whole numbers'],
    ['low below high', tuning('{ a: { continuous: [2, 1] } }'), '[lowest, highest]'],
    ['two numbers', tuning('{ a: { continuous: [2] } }'), '[lowest, highest]'],
    ['numbers', tuning('{ a: { continuous: [a, b] } }'), '[lowest, highest]'],
    [
      'positive numbers on a logarithmic scale',
      tuning('{ a: { continuous: [0, 1], scaling: logarithmic } }'),
      'above 0',
    ],
    [
      'fractions on a reverse one',
      tuning('{ a: { integer: [0, 1], scaling: reverseLogarithmic } }'),
      'from 0 to below 1',
    ],
    ['different values', tuning('{ a: { categorical: [x, x] } }'), 'different values'],
    ['names', tuning('{ sagemaker_a: { integer: [1, 2] } }'), 'named as a hyperparameter'],
    [
      'no more at once than in all',
      tuning('{ a: { integer: [1, 2] } }', ', maxJobs: 2, maxParallelJobs: 3'),
      'from 1 to 2',
    ],
    ['categories on a grid', tuning('{ a: { integer: [1, 2] } }', ', strategy: grid'), 'categorical ranges only'],
    ['jobs for a grid', tuning('{ a: { categorical: [x, y] } }', ', strategy: grid, maxJobs: 3'), 'combinations (2)'],
    ['what is there', tuning('{ a: { integer: [1, 2] } }', ', strategy: hyperband'), 'hyperband is not supported yet'],
    ['known keys', tuning('{ a: { integr: [1, 2] } }'), 'did you mean "integer"'],
  ])('needs %s', (_what, definition, problem) => {
    expect(problemsOf(definition)).toContain(problem);
  });

  it('does not search for what is fixed', () => {
    const fixed = text(tuning('{ depth: { integer: [1, 2] } }'), 'image: "l/f:1", hyperparameters: { depth: 6 }');
    expect(parseModelDefinition(fixed).problems[0]?.message).toContain('depth is fixed in training.hyperparameters');
  });

  it('is asked for in SageMaker’s words', () => {
    const definition = readModelDefinition(text(tuning(RANGES, ', maxJobs: 8, maxParallelJobs: 2')));
    expect(searchPlan(definition, definition.training.tuning!, 7)).toEqual({
      config: {
        Strategy: 'Random',
        HyperParameterTuningJobObjective: { Type: 'Maximize', MetricName: 'validation:auc' },
        ResourceLimits: { MaxNumberOfTrainingJobs: 8, MaxParallelTrainingJobs: 2 },
        ParameterRanges: {
          IntegerParameterRanges: [{ Name: 'depth', MinValue: '3', MaxValue: '10', ScalingType: 'Auto' }],
          ContinuousParameterRanges: [{ Name: 'rate', MinValue: '0.001', MaxValue: '0.1', ScalingType: 'Logarithmic' }],
          CategoricalParameterRanges: [{ Name: 'loss', Values: ['log', '1e1'] }],
        },
        TrainingJobEarlyStoppingType: 'Off',
        RandomSeed: 7,
      },
      metricDefinitions: [{ Name: 'validation:auc', Regex: 'auc=([0-9.]+)' }],
    });
  });

  it('writes texts as JSON for script mode, and no number of jobs for a grid', () => {
    const script = 'framework: sklearn-1.2, source: src, entryPoint: train.py';
    const definition = readModelDefinition(
      text(tuning('{ loss: { categorical: [log, "1"] } }', ', strategy: grid').replace('maximize', 'minimize'), script),
    );
    expect(searchPlan(definition, definition.training.tuning!, 0).config).toMatchObject({
      Strategy: 'Grid',
      HyperParameterTuningJobObjective: { Type: 'Minimize' },
      ResourceLimits: { MaxParallelTrainingJobs: 4 },
      ParameterRanges: { CategoricalParameterRanges: [{ Values: ['"log"', '"1"'] }] },
    });
  });
});

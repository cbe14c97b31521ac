import type { Training } from '../model-definition.ts';
import { hasGpu } from '../training/images.ts';
import type { Fields } from './fields.ts';
import type { ScalarNode } from './nodes.ts';
import { parseProgram } from './parse-program.ts';
import { parseTuning } from './parse-tuning.ts';
import { HYPERPARAMETER, INSTANCE_TYPE } from './patterns.ts';

const MAX_HYPERPARAMETERS = 90;
/** Each is tried in its turn where the one before has no capacity. */
const MAX_TYPES = 5;
/** SageMaker's longest training, in minutes. */
const LONGEST = 7200;

export function parseTraining(root: Fields): Training {
  const fields = root.section('training', {
    known: [
      'framework',
      'source',
      'entryPoint',
      'image',
      'algorithm',
      'artifact',
      'instance',
      'spot',
      'maxRuntimeMinutes',
      'maxWaitMinutes',
      'inputMode',
      'hyperparameters',
      'tuning',
    ],
    notYet: ['requirements'],
  });
  const instance = fields.section('instance', { known: ['types', 'count', 'volumeGb'] });
  const types = instance.texts('types', INSTANCE_TYPE, 'instance types like ml.m5.large');
  if (types.length > MAX_TYPES)
    instance.note(instance.where('types'), `expected at most ${MAX_TYPES} instance types, got ${types.length}`);
  const gpus = new Set(types.map(hasGpu));
  if (gpus.size > 1 && fields.has('framework'))
    instance.note(
      instance.where('types'),
      'expected types with a GPU or types without, got both: each needs its own image',
    );
  const inputMode = fields.oneOf<'file' | 'fastFile'>('inputMode', ['file', 'fastFile'], ['pipe'], 'file');
  const hyperparameters = parseHyperparameters(fields);
  return {
    ...parseProgram(fields),
    instance: {
      types: types.length > 0 ? types : ['ml.m5.large'],
      count: instance.number('count', { min: 1, max: 20, integer: true }, 1),
      volumeGb: instance.number('volumeGb', { min: 1, max: 16384, integer: true }, 30),
    },
    ...parseLimits(fields),
    ...(inputMode !== 'file' && { inputMode }),
    hyperparameters,
    ...(fields.has('tuning') && { tuning: parseTuning(fields, hyperparameters) }),
  };
}

/** A spot job may wait as long again as it may run, unless it says otherwise. */
function parseLimits(fields: Fields): Pick<Training, 'spot' | 'maxRuntimeMinutes' | 'maxWaitMinutes'> {
  const spot = fields.boolean('spot', false);
  const maxRuntimeMinutes = fields.number('maxRuntimeMinutes', { min: 1, max: LONGEST, integer: true }, 60);
  if (!spot) {
    if (fields.has('maxWaitMinutes'))
      fields.note(fields.where('maxWaitMinutes'), 'training.maxWaitMinutes goes with training.spot: true');
    return { spot, maxRuntimeMinutes };
  }
  const longest = { min: maxRuntimeMinutes, max: LONGEST, integer: true };
  const maxWaitMinutes = fields.number('maxWaitMinutes', longest, Math.min(2 * maxRuntimeMinutes, LONGEST));
  return { spot, maxRuntimeMinutes, maxWaitMinutes };
}

function parseHyperparameters(fields: Fields): Record<string, string | number | boolean> {
  const entries = fields.freeScalars('hyperparameters');
  for (const { key, value } of entries) {
    if (!HYPERPARAMETER.test(key)) {
      fields.note(
        value,
        'expected the name of a hyperparameter to be letters, digits, ".", "_", "-" and not to start with sagemaker_',
      );
    }
    if (value.text.length > 2000) fields.note(value, 'expected a hyperparameter of at most 2000 characters');
  }
  if (entries.length > MAX_HYPERPARAMETERS) {
    fields.note(
      fields.where('hyperparameters'),
      `expected at most ${MAX_HYPERPARAMETERS} hyperparameters, got ${entries.length}`,
    );
  }
  return Object.fromEntries(entries.map(({ key, value }) => [key, scalarValue(value)]));
}

/** `6` is a number, `"6"` and `12e4567` are text. */
function scalarValue({ text, quoted }: ScalarNode): string | number | boolean {
  if (quoted) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text) && Number.isFinite(number) ? number : text;
}

import type { Problem, Training } from '../model-definition.ts';
import { ALGORITHMS, objectivesOf } from '../training/algorithms.ts';
import { FRAMEWORKS } from '../training/images.ts';
import type { Fields } from './fields.ts';
import { IMAGE, RELATIVE_PATH } from './patterns.ts';

export type Program = Pick<Training, 'framework' | 'source' | 'entryPoint' | 'image' | 'algorithm' | 'artifact'>;

const WAYS = ['framework', 'image', 'algorithm', 'artifact'] as const;
/** Of a training that takes place elsewhere. */
const ELSEWHERE = ['source', 'image', 'algorithm', 'spot', 'maxWaitMinutes', 'inputMode', 'hyperparameters', 'tuning'];

/** Exactly one of a framework with source and entry point, an image, a built-in algorithm, and a model that was trained elsewhere. */
export function parseProgram(fields: Fields): Program {
  if (fields.has('artifact')) return parseArtifact(fields);
  const ways = WAYS.filter((way) => fields.has(way));
  if (ways.length !== 1) {
    const got = ways.length === 0 ? 'none of them' : ways.join(' and ');
    fields.note(fields.at, `expected exactly one of training.{framework, image, algorithm, artifact}, got ${got}`);
    return {};
  }
  if (ways[0] !== 'framework') {
    refuse(fields, ['source', 'entryPoint'], `goes with training.framework; training.${ways[0]} holds its own code`);
    return fields.has('image')
      ? { image: fields.text('image', IMAGE, 'repository:tag, like launchway/flight-delays:1') }
      : { algorithm: fields.oneOf('algorithm', ALGORITHMS, ['linear-learner']) };
  }
  return {
    framework: fields.oneOf('framework', FRAMEWORKS, []),
    source: fields.text('source', RELATIVE_PATH, 'a relative path'),
    entryPoint: entryPoint(fields, 'a Python file inside training.source'),
  };
}

/** Served by a framework's image, with the program in `code/` of the archive, or by `serving.image`. */
function parseArtifact(fields: Fields): Program {
  refuse(fields, ELSEWHERE, 'does not go with training.artifact, which was trained elsewhere');
  const artifact = fields.text('artifact', RELATIVE_PATH, 'a relative path');
  if (!fields.has('framework')) {
    refuse(fields, ['entryPoint'], 'goes with training.framework');
    return { artifact };
  }
  return {
    artifact,
    framework: fields.oneOf('framework', FRAMEWORKS, []),
    entryPoint: entryPoint(fields, 'a Python file in code/ of the model archive'),
  };
}

const entryPoint = (fields: Fields, expected: string): string =>
  fields.text('entryPoint', /^(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9._/-]{0,100}\.py$/, expected);

function refuse(fields: Fields, keys: readonly string[], why: string): void {
  for (const key of keys.filter((each) => fields.has(each))) fields.note(fields.where(key), `training.${key} ${why}`);
}

/** What a built-in algorithm can read, answer and optimize. */
export function checkAlgorithm(root: Fields, { problem, features, training }: Checked): void {
  const { algorithm, hyperparameters, tuning } = training;
  if (algorithm === undefined) return;
  const texts = features.filter(({ type }) => type !== 'numeric').map(({ name }) => name);
  if (texts.length > 0)
    root.note(
      root.where('features'),
      `training.algorithm ${algorithm} reads numbers only: expected numeric features, got categorical ${texts.slice(0, 5).join(', ')}${texts.length > 5 ? ', …' : ''}; encode them, or bring a program that does (training.framework)`,
    );
  const objectives = objectivesOf(problem);
  const at = root.where('training');
  if (objectives.length === 0)
    root.note(
      at,
      `training.algorithm ${algorithm} is not supported for ${problem.type}: its CSV has no column per class`,
    );
  const { objective } = hyperparameters;
  if (objective !== undefined && objectives.length > 0 && !objectives.includes(String(objective)))
    root.note(
      at,
      `expected training.hyperparameters.objective of a ${problem.type} to be ${objectives.join(' or ')}, got "${String(objective).slice(0, 60)}"`,
    );
  if (hyperparameters.num_round === undefined && tuning?.ranges.num_round === undefined)
    root.note(at, `training.algorithm ${algorithm} needs training.hyperparameters.num_round, the number of rounds`);
}

interface Checked {
  readonly problem: Problem;
  readonly features: readonly { readonly name: string; readonly type: string }[];
  readonly training: Training;
}

/** A model that comes from elsewhere can only be judged on rows that its owner kept from it, and never be trained again. */
export function checkArtifact(
  root: Fields,
  {
    training,
    split,
    servingImage,
    retrains,
  }: {
    readonly training: Training;
    readonly split: string;
    readonly servingImage: string | undefined;
    readonly retrains: boolean;
  },
): void {
  if (training.artifact === undefined) return;
  if (split !== 'file')
    root.note(
      root.where('data'),
      `expected data.test.split: file with training.artifact, got ${split}: only you know which rows it was not trained on; bring them as test.csv, and what it was trained on as the baseline`,
    );
  if ((training.framework === undefined) === (servingImage === undefined))
    root.note(
      root.where('training'),
      `expected exactly one of training.framework and serving.image to serve training.artifact, got ${servingImage === undefined ? 'neither' : 'both'}`,
    );
  if (retrains)
    root.note(
      root.where('monitoring'),
      'training.artifact was trained elsewhere and cannot be trained again by itself',
    );
}

import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { type EvaluationInput, evaluate } from '../../domain/evaluation/evaluate.ts';
import { seededRandom } from '../../domain/evaluation/random.ts';
import { multiclassSampleOf, type Sample, sampleOf } from '../../domain/evaluation/sample.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { VersionRow } from '../../domain/version.ts';
import type { EvaluationView } from '../../web/evaluation-page.ts';
import { definitionText } from './release-world.ts';

const ROWS = 300;
const CLASSES = ['early', 'late', 'on time'];
const object = { bucket: 'b', key: 'k', sha256: 'ab'.repeat(32) };

const release: ReleaseRow = {
  model: 'flight-delays',
  release: 2,
  team: 'operations',
  status: 'Validating',
  executionName: 'e',
  submitter: { principal: 'AWS:dana', person: 'dana' },
  admittedAt: '2030-01-02T03:04:05.000Z',
  reason: 'upload',
  inputs: { definition: object, dataset: object },
  steps: {},
};
const version: VersionRow = {
  model: 'flight-delays',
  version: 2,
  release: 2,
  team: 'operations',
  status: 'Sealed',
  artifact: { object, bytes: 1234, files: 1, findings: [] },
  image: 'image@sha256:aa',
  dataset: { object, bytes: 1 },
  prepared: {
    uri: 's3://b/p',
    recipe: 'r',
    trainRows: 1200,
    holdoutRows: ROWS,
    holdoutSha256: 'cd'.repeat(32),
    findings: [],
  },
  baseline: object,
  definition: object,
  training: {
    jobName: 'j',
    jobArn: 'arn',
    image: 'i',
    artifactUri: 's3://b/m',
    seconds: 42,
    instanceType: 'ml.m5.large',
  },
  createdAt: '2030-01-02T03:04:05.000Z',
};

type Kind = 'binary' | 'multiclass' | 'regression';

const PROBLEMS: Readonly<Record<Kind, string>> = {
  binary: 'problem: { type: binary-classification, target: delayed, positiveClass: "1" }',
  multiclass: `problem: { type: multiclass-classification, target: delayed, classes: [${CLASSES.join(', ')}] }`,
  regression: 'problem: { type: regression, target: delayed }',
};

/** Scores that tell `signal` of the truth, as the kind of problem has them. */
function scored(kind: Kind, signal: number, seed: number): Sample {
  const [answer, noise] = [seededRandom(7), seededRandom(seed)];
  const truth = Float64Array.from({ length: ROWS }, () => {
    const drawn = answer();
    return kind === 'binary' ? Number(drawn < 0.3) : kind === 'multiclass' ? Math.floor(drawn * 3) : drawn * 30;
  });
  if (kind === 'regression')
    return sampleOf(
      truth,
      truth.map((y) => y + (noise() - 0.5) * 20 * (1 - signal)),
    );
  if (kind === 'binary')
    return sampleOf(
      truth,
      truth.map((y) => signal * y * 0.5 + noise() * 0.5),
    );
  const raw = CLASSES.map((_, k) => truth.map((y) => noise() + (y === k ? signal : 0)));
  const sums = truth.map((_, row) => raw.reduce((sum, of) => sum + of[row]!, 0));
  return multiclassSampleOf(
    truth,
    raw.map((of) => of.map((p, row) => p / sums[row]!)),
  );
}

export interface ViewOptions {
  readonly kind?: Kind;
  /** As YAML. */
  readonly validation?: string;
  readonly champion?: number | 'otherFeatures';
  readonly input?: Partial<EvaluationInput>;
  readonly version?: Partial<VersionRow>;
  readonly carriers?: readonly string[];
}

/** What an evaluation's page is made of, from 300 rows; read back from the document, as a reader of it would. */
export function evaluationView(options: ViewOptions = {}): EvaluationView {
  const { kind = 'binary', validation, champion, carriers = ['AA', 'DL', 'UA'] } = options;
  const definition = readModelDefinition(
    definitionText(
      (text) =>
        text.replace(/problem:.*/, PROBLEMS[kind]) + (validation === undefined ? '' : `validation: ${validation}\n`),
    ),
  );
  const candidate = scored(kind, 0.6, 2);
  const evaluation = evaluate({
    definition,
    candidate,
    labels: {
      rowIds: Array.from({ length: ROWS }, (_, i) => `f${i}`),
      truth: candidate.truth,
      attributes: new Map([['carrier', Array.from({ length: ROWS }, (_, i) => carriers[i % carriers.length]!)]]),
    },
    holdOut: { kind: 'id-hash', fraction: 0.2 },
    champion: championOf(kind, champion),
    seed: 42,
    hashFraction: () => 0.1,
    ...options.input,
  });
  return {
    evaluation: JSON.parse(canonicalJson(evaluation)),
    release,
    version: { ...version, ...options.version },
    definition,
    digest: 'ef'.repeat(32),
  };
}

function championOf(kind: Kind, champion: ViewOptions['champion']): EvaluationInput['champion'] {
  if (champion === undefined) return { kind: 'none' };
  if (champion === 'otherFeatures') return { kind: 'otherFeatures', version: 1 };
  return { kind: 'scored', version: 1, sample: scored(kind, champion, 3), holdOut: { kind: 'id-hash', fraction: 0.2 } };
}

import type { VersionRow } from '../version.ts';
import type { ServedEndpoint } from './ports.ts';

/** What must serve. */
export interface ExpectedService {
  readonly version: VersionRow;
  readonly modelName: string;
  readonly configName: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What SageMaker says serves. */
export interface ObservedService {
  readonly endpoint: ServedEndpoint;
  readonly modelNames: readonly string[];
  readonly model: {
    readonly image: string;
    readonly artifactUri: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly networkIsolated: boolean;
  };
}

/** Everything in which what serves is not what was approved, one clause each. */
export function differencesInService(expected: ExpectedService, observed: ObservedService): string[] {
  const { version, modelName, configName } = expected;
  const { endpoint, modelNames, model } = observed;
  const artifactUri = `s3://${version.artifact.object.bucket}/${version.artifact.object.key}`;
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(version.image)?.[1];
  const resolved = endpoint.images.map((image) => image.resolved);
  return [
    ...differs('status', 'InService', endpoint.status),
    // A failed update returns to InService with the old configuration: the name decides.
    ...differs('endpoint configuration', configName, endpoint.configName),
    ...differs('failure reason', 'none', endpoint.failureReason ?? 'none'),
    ...differs('models of the configuration', modelName, modelNames.join(', ')),
    ...differs('model data', artifactUri, model.artifactUri),
    ...differs('image', version.image, model.image),
    ...differs('environment', entries(expected.environment), entries(model.environment)),
    ...differs('network isolation', 'on', model.networkIsolated ? 'on' : 'off'),
    ...(digest === undefined
      ? []
      : resolved.length === 0
        ? ['expected the deployed image resolved to a digest, got none']
        : resolved.flatMap((image) =>
            differs('deployed image', digest, /sha256:[0-9a-f]{64}$/.exec(image)?.[0] ?? image),
          )),
  ];
}

const differs = (what: string, expected: string, got: string): string[] =>
  expected === got ? [] : [`expected ${what} ${expected}, got ${got}`];

const entries = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ') || 'none';

/** Validated and served answers agree to this, relative above 1. */
const ANSWER_TOLERANCE = 1e-9;

/** True where an answer is the validated one: the same fields, numbers within the tolerance. */
export function sameAnswer(validated: string, served: string): boolean {
  const a = validated.trim().split(',');
  const b = served.trim().split(',');
  return a.length === b.length && a.every((text, i) => sameField(text.trim(), b[i]!.trim()));
}

function sameField(a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [Number(a), Number(b)];
  if (a === '' || b === '' || !Number.isFinite(x) || !Number.isFinite(y)) return false;
  return Math.abs(x - y) <= ANSWER_TOLERANCE * Math.max(1, Math.abs(x), Math.abs(y));
}

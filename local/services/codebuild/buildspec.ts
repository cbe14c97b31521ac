import { parse } from 'yaml';

/** Phases whose commands a buildspec may have, in their order. */
export const COMMAND_PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;

export interface CommandPhase {
  readonly commands: readonly string[];
  readonly finally: readonly string[];
  readonly onFailure: 'ABORT' | 'CONTINUE' | undefined;
}

export interface Buildspec {
  readonly variables: Readonly<Record<string, string>>;
  readonly exported: readonly string[];
  readonly phases: Readonly<Record<(typeof COMMAND_PHASES)[number], CommandPhase>>;
}

/** A buildspec that cannot be read; says where. */
export class BuildspecError extends Error {
  override readonly name = 'BuildspecError';
}

const PARTS = new Set(['version', 'env', 'phases', 'artifacts', 'cache', 'reports', 'run-as', 'batch', 'proxy']);

/** Parts without effect here: a project has no artifacts and no cache. */
const REFUSED = ['reports', 'batch', 'run-as', 'proxy'];

/** @throws {BuildspecError} */
export function readBuildspec(text: string): Buildspec {
  const spec = asObject(parsed(text), 'the buildspec');
  const unknown = Object.keys(spec).find((key) => !PARTS.has(key));
  if (unknown) throw new BuildspecError(`expected no ${unknown} in the buildspec`);
  const refused = REFUSED.find((key) => spec[key] !== undefined);
  if (refused) throw new BuildspecError(`NotImplemented: codebuild:buildspec ${refused}`);
  if (Number(spec.version) !== 0.2)
    throw new BuildspecError(`expected version 0.2, got ${JSON.stringify(spec.version)}`);
  const env = asObject(spec.env ?? {}, 'env');
  const source = Object.keys(env).find((key) => !['variables', 'exported-variables', 'shell'].includes(key));
  if (source) throw new BuildspecError(`NotImplemented: codebuild:buildspec env ${source}`);
  const phases = asObject(spec.phases, 'phases');
  const other = Object.keys(phases).find((key) => !COMMAND_PHASES.includes(key as never));
  if (other) throw new BuildspecError(`expected phases of ${COMMAND_PHASES.join(', ')}, got ${other}`);
  return {
    variables: texts(env.variables ?? {}),
    exported: lines(env['exported-variables'], 'env/exported-variables'),
    phases: Object.fromEntries(COMMAND_PHASES.map((name) => [name, phase(phases[name], name)])) as Buildspec['phases'],
  };
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new BuildspecError((error as Error).message.split('\n')[0] ?? 'not YAML');
  }
}

function phase(given: unknown, name: string): CommandPhase {
  if (given === undefined || given === null) return { commands: [], finally: [], onFailure: undefined };
  const { commands, finally: last, 'on-failure': onFailure } = asObject(given, name);
  if (onFailure !== undefined && onFailure !== 'ABORT' && onFailure !== 'CONTINUE') {
    throw new BuildspecError(`expected on-failure of ${name} to be ABORT or CONTINUE, got ${onFailure}`);
  }
  return { commands: lines(commands, `${name}/commands`), finally: lines(last, `${name}/finally`), onFailure };
}

function lines(given: unknown, where: string): string[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) throw new BuildspecError(`expected a list of texts in ${where}`);
  return given.map((line) => {
    if (typeof line === 'object') throw new BuildspecError(`expected texts in ${where}, got ${JSON.stringify(line)}`);
    return String(line);
  });
}

const texts = (given: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(asObject(given, 'env/variables')).map(([name, value]) => [name, String(value)]));

// biome-ignore lint/suspicious/noExplicitAny: YAML's own shapes, checked where they are read
function asObject(value: unknown, where: string): Record<string, any> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BuildspecError(`expected a mapping in ${where}`);
}

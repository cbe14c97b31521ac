import type { DeployedConfig } from '../deployed-config.ts';
import type { ModelDefinition } from '../model-definition.ts';
import { applyDeployedConfig } from './apply-deployed-config.ts';
import { Fields, type WatchKeys } from './fields.ts';
import type { DefinitionNode, DefinitionProblem } from './nodes.ts';
import { checkRoles, parseColumns, parseData, parseFeatures, parseProblem } from './parse-data.ts';
import { parseBusiness, parseMonitoring } from './parse-monitoring.ts';
import { checkAlgorithm, checkArtifact } from './parse-program.ts';
import { checkCapturedRows, checkRetraining } from './parse-retraining.ts';
import { parseServing } from './parse-serving.ts';
import { parseTraining } from './parse-training.ts';
import { parseValidation } from './parse-validation.ts';
import { DESCRIPTION, EMAIL, MODEL_NAME, TEAM_NAME, TIER_NAME } from './patterns.ts';

const DEFINITION = {
  known: [
    'schema',
    'model',
    'description',
    'owner',
    'team',
    'tier',
    'problem',
    'columns',
    'features',
    'data',
    'training',
    'validation',
    'approval',
    'release',
    'serving',
    'monitoring',
    'business',
  ],
};

export type ParsedDefinition =
  | { readonly definition: ModelDefinition; readonly problems: readonly [] }
  | {
      readonly definition?: undefined;
      /** In the order of the text. */
      readonly problems: readonly DefinitionProblem[];
      /** Where a report goes, where that much could be read. */
      readonly owner?: string;
    };

/**
 * Reads a definition, fills in every default, and finds everything that is wrong with it in one pass.
 *
 * @param config what is deployed: teams, tiers, roles. Without it (no deployment at hand) only the definition itself is checked
 * @param watch sees every key that is asked for
 */
export function parseDefinition(node: DefinitionNode, config?: DeployedConfig, watch?: WatchKeys): ParsedDefinition {
  const problems: DefinitionProblem[] = [];
  const root = new Fields(node, node, '', problems, DEFINITION, watch);
  const definition = applyDeployedConfig(readDefinition(root), root, config);
  if (problems.length === 0) return { definition, problems: [] };
  const ordered = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return { problems: ordered, ...(EMAIL.test(definition.owner) && { owner: definition.owner }) };
}

function readDefinition(root: Fields): ModelDefinition {
  root.oneOf('schema', ['launchway/v1'], []);
  const problem = parseProblem(root);
  const description = root.optionalText('description', DESCRIPTION, 'a sentence on one line, of 20 to 200 characters');
  const columns = parseColumns(root);
  const features = parseFeatures(root);
  checkRoles(root, { problem, columns, features });
  const approval = root.section('approval', { known: ['require', 'expiresBusinessHours'] });
  const release = root.section('release', { known: ['startOn'] });
  const monitoring = parseMonitoring(root, { problem, features });
  const startOn = release.oneOf<'upload' | 'schedule'>('startOn', ['upload', 'schedule'], ['submit'], 'upload');
  checkRetraining(root, startOn, monitoring);
  const business = parseBusiness(root, problem);
  const data = parseData(root, columns.timestamp !== undefined);
  const training = parseTraining(root);
  const serving = parseServing(root);
  checkAlgorithm(root, { problem, features, training });
  const retrains = monitoring.onDrift === 'retrain' || startOn === 'schedule';
  const validation = parseValidation(root, problem, columns.attributes);
  checkCapturedRows(root, { monitoring, release: { startOn }, data, validation });
  checkArtifact(root, { training, split: data.test.split, servingImage: serving.image, retrains });
  return {
    schema: 'launchway/v1',
    model: root.text('model', MODEL_NAME, 'a name: 2 to 30 of a-z, 0-9 and "-", a letter first'),
    ...(description !== undefined && { description }),
    owner: root.text('owner', EMAIL, 'an e-mail address'),
    team: root.text('team', TEAM_NAME, 'a name: 2 to 16 of a-z, 0-9 and "-", a letter first'),
    tier: root.text('tier', TIER_NAME, 'the name of a tier'),
    problem,
    columns,
    features,
    data,
    training,
    validation,
    approval: {
      require: seats(approval),
      expiresBusinessHours: approval.number('expiresBusinessHours', { min: 1, max: 240 }, 24),
    },
    release: { startOn },
    serving,
    monitoring,
    ...(business && { business }),
  };
}

function seats(approval: Fields): Record<string, number> {
  return Object.fromEntries(
    approval.freeScalars('require').map(({ key, value }) => {
      const count = Number(value.text);
      if (!Number.isInteger(count) || count < 1 || count > 20) {
        approval.note(
          value,
          `expected a whole number of approvers from 1 to 20 for ${key.slice(0, 60)}, got "${value.text.slice(0, 60)}"`,
        );
      }
      return [key, count];
    }),
  );
}

/** The definition with every default, as `launchway check` prints it: one `path: value` per line, in the order of the schema. */
export function explainDefinition(definition: ModelDefinition): string[] {
  const lines: string[] = [];
  const walk = (value: unknown, path: string) => {
    const isLeaf = typeof value !== 'object' || value === null;
    if (isLeaf || isFlat(value)) lines.push(`${path}: ${isLeaf ? String(value) : JSON.stringify(value)}`);
    else if (Array.isArray(value)) for (const [i, item] of value.entries()) walk(item, `${path}[${i}]`);
    else for (const [key, member] of Object.entries(value)) walk(member, path ? `${path}.${key}` : key);
  };
  walk(definition, '');
  return lines;
}

/** Lists and maps of plain values fit on one line. */
const isFlat = (value: object): boolean =>
  Array.isArray(value) ? value.every((item) => typeof item !== 'object') : Object.keys(value).length === 0;

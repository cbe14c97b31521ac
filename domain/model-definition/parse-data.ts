import type { DataChecks, Feature, ModelDefinition, Problem } from '../model-definition.ts';
import type { Fields } from './fields.ts';
import { COLUMN } from './patterns.ts';

const A_COLUMN = "a column's name (at most 100 characters, no comma, quote or control character)";

export function parseProblem(root: Fields): Problem {
  const fields = root.section('problem', {
    known: ['type', 'target', 'positiveClass', 'decisionThreshold', 'classes', 'quantile'],
  });
  const type = fields.oneOf('type', ['binary-classification', 'multiclass-classification', 'regression'], []);
  const target = fields.text('target', COLUMN, A_COLUMN);
  for (const key of MEANINGLESS[type]) {
    if (fields.has(key)) fields.note(fields.where(key), `problem.${key} has no meaning for ${type}`);
  }
  if (type === 'regression') {
    const quantile = fields.optionalNumber('quantile', { min: 0.001, max: 0.999 });
    return { type, target, decisionThreshold: 0.5, ...(quantile !== undefined && { quantile }) };
  }
  if (type === 'multiclass-classification')
    return { type, target, decisionThreshold: 0.5, classes: parseClasses(fields) };
  return {
    type,
    target,
    positiveClass: fields.text('positiveClass', /^[^\p{C}]{1,100}$/u, 'a class label'),
    decisionThreshold: fields.number('decisionThreshold', { min: 0, max: 1 }, 0.5),
  };
}

const MEANINGLESS: Readonly<Record<Problem['type'], readonly string[]>> = {
  'binary-classification': ['classes', 'quantile'],
  'multiclass-classification': ['positiveClass', 'decisionThreshold', 'quantile'],
  regression: ['positiveClass', 'decisionThreshold', 'classes'],
};

function parseClasses(fields: Fields): readonly string[] {
  const classes = fields.texts('classes', /^[^\p{C}]{1,100}$/u, 'class labels');
  if (classes.length < 3 || classes.length > 50)
    fields.note(fields.where('classes'), `expected 3 to 50 problem.classes, got ${classes.length}`);
  if (new Set(classes).size < classes.length) fields.note(fields.where('classes'), 'expected every class once');
  return classes;
}

export function parseColumns(root: Fields): ModelDefinition['columns'] {
  const fields = root.section('columns', { known: ['id', 'timestamp', 'attributes', 'others'] });
  const timestamp = fields.optionalText('timestamp', COLUMN, A_COLUMN);
  return {
    id: fields.text('id', COLUMN, A_COLUMN),
    ...(timestamp !== undefined && { timestamp }),
    attributes: fields.texts('attributes', COLUMN, 'names of columns'),
    others: fields.oneOf('others', ['refuse', 'ignore'], [], 'refuse'),
  };
}

export function parseFeatures(root: Fields): Feature[] {
  const features = root.sections('features', { known: ['name', 'type', 'unit'] }).map((fields) => {
    const unit = fields.optionalText('unit', /^[^\p{C}]{1,30}$/u, 'a unit of at most 30 characters');
    return {
      name: fields.text('name', COLUMN, A_COLUMN),
      type: fields.oneOf('type', ['numeric', 'categorical'], []),
      ...(unit !== undefined && { unit }),
    };
  });
  if (features.length === 0) root.note(root.where('features'), 'expected at least one feature, got none');
  return features;
}

export function parseData(root: Fields, hasTimestamp: boolean): ModelDefinition['data'] {
  const fields = root.section('data', { known: ['format', 'test', 'checks'] });
  const test = parseTest(fields, hasTimestamp);
  return {
    format: fields.oneOf('format', ['csv', 'parquet'], [], 'csv'),
    test,
    checks: parseChecks(fields, test.split),
  };
}

function parseTest(data: Fields, hasTimestamp: boolean): ModelDefinition['data']['test'] {
  const fields = data.section('test', { known: ['split', 'fraction'] });
  const split = fields.oneOf('split', ['time', 'id-hash', 'file'], [], hasTimestamp ? 'time' : 'id-hash');
  if (split === 'time' && !hasTimestamp)
    fields.note(fields.where('split'), 'data.test.split: time needs columns.timestamp');
  if (split !== 'file') return { split, fraction: fields.number('fraction', { min: 0.01, max: 0.9 }, 0.2) };
  if (fields.has('fraction'))
    fields.note(
      fields.where('fraction'),
      'data.test.fraction has no meaning for split: file; the test file is the hold-out',
    );
  return { split };
}

function parseChecks(data: Fields, split: ModelDefinition['data']['test']['split']): DataChecks {
  const fields = data.section('checks', {
    known: [
      'minRows',
      'minClassRows',
      'maxMissingFraction',
      'maxDuplicateFraction',
      'maxLeakage',
      'maxTestOverlapFraction',
    ],
  });
  if (split !== 'file' && fields.has('maxTestOverlapFraction'))
    fields.note(
      fields.where('maxTestOverlapFraction'),
      `data.checks.maxTestOverlapFraction has no meaning for split: ${split}`,
    );
  return {
    minRows: fields.number('minRows', { min: 20, max: 1e9, integer: true }, 1000),
    minClassRows: fields.number('minClassRows', { min: 1, max: 1e9, integer: true }, 10),
    maxMissingFraction: fields.number('maxMissingFraction', { min: 0, max: 1 }, 0.05),
    maxDuplicateFraction: fields.number('maxDuplicateFraction', { min: 0, max: 1 }, 0.1),
    maxLeakage: fields.number('maxLeakage', { min: 0.5, max: 1 }, 0.98),
    ...(split === 'file' && {
      maxTestOverlapFraction: fields.number('maxTestOverlapFraction', { min: 0, max: 1 }, 0.01),
    }),
  };
}

/** Every column has one role. */
export function checkRoles(
  root: Fields,
  { problem, columns, features }: Pick<ModelDefinition, 'problem' | 'columns' | 'features'>,
): void {
  const roles = new Map<string, string>();
  const take = (column: string, role: string, key: string) => {
    const taken = roles.get(column);
    if (taken !== undefined && column !== '')
      root.note(root.where(key), `column "${column}" is ${taken} and ${role}; a column has one role`);
    else roles.set(column, role);
  };
  take(problem.target, 'the target', 'problem');
  take(columns.id, 'the id', 'columns');
  if (columns.timestamp !== undefined) take(columns.timestamp, 'the timestamp', 'columns');
  for (const attribute of columns.attributes) take(attribute, 'an attribute', 'columns');
  for (const feature of features) take(feature.name, 'a feature', 'features');
}

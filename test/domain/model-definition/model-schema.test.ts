import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { parseModelDefinition } from '../../../adapters/yaml-model-definition.ts';
import { modelSchema } from '../../../docs/write-model-schema.ts';
import { definitionOf } from '../../support/model-room.ts';
import { definitionText } from '../../support/release-world.ts';

const published = readFileSync('docs/model.schema.json', 'utf8');
const schema = JSON.parse(published);
const isValid = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

it('is what the parser asks for; npm run schema writes it again', () => {
  expect(published).toBe(modelSchema());
});

it('describes keys that there are', () => {
  const paths = new Set<string>();
  const walk = (at: any, path: string) => {
    paths.add(path);
    for (const [key, value] of Object.entries(at.properties ?? {})) walk(value, path === '' ? key : `${path}.${key}`);
    if (at.items) walk(at.items, `${path}[]`);
    if (typeof at.additionalProperties === 'object') walk(at.additionalProperties, `${path}{}`);
  };
  walk(schema, '');
  const described = Object.keys(JSON.parse(readFileSync('docs/model-keys.json', 'utf8')));
  expect(described.filter((path) => !paths.has(path))).toEqual([]);
});

const probes = readFileSync('docs/model-schema-probes.yaml', 'utf8');

it.each([
  ['the smallest definition', definitionText()],
  ['flights', readFileSync('examples/flight-delays/model.yaml', 'utf8')],
  ['contacts', readFileSync('examples/bank-marketing/model.yaml', 'utf8')],
  ['one of the tests', definitionOf('some', { more: 'data: { format: parquet, test: { split: file } }' })],
  ...parseAllDocuments(probes).map((document, i) => [`probe ${i + 1}`, document.toString()]),
])('accepts %s, as the parser does', (_what, text) => {
  expect(parseModelDefinition(text!).problems).toEqual([]);
  isValid(parse(text!));
  expect(isValid.errors ?? []).toEqual([]);
});

describe('refuses, as the parser does,', () => {
  const good = definitionText();
  it.each([
    ['an unknown key', good.replace('features:', 'faetures:')],
    ['an unknown key below', good.replace('minRows: 100', 'minRow: 100')],
    ['another schema', good.replace('launchway/v1', 'launchway/v2')],
    ['a bad name', good.replace('model: flight-delays', 'model: Flight Delays')],
    ['no e-mail address', good.replace('owner@example.com', 'dana')],
    ['no target', good.replace('target: delayed, ', '')],
    ['no id', good.replace('id: flight_id, ', '')],
    ['another problem', good.replace('binary-classification', 'ranking')],
    ['another type of feature', good.replace('type: numeric', 'type: number')],
    ['a number out of range', good.replace('minRows: 100', 'minRows: 3')],
    ['a broken number', good.replace('minRows: 100', 'minRows: 100.5')],
    ['a text for a number', good.replace('minRows: 100', 'minRows: many')],
    ['a list for a map', good.replace('data: { checks: { minRows: 100 } }', 'data: []')],
    ['an image without a tag', good.replace('launchway/flight-delays:1', 'launchway/flight-delays')],
    ['no problem', good.replace(/^problem:.*\n/m, '')],
  ])('%s', (_what, text) => {
    expect(text).not.toBe(good);
    expect(parseModelDefinition(text).problems).not.toEqual([]);
    expect(isValid(parse(text))).toBe(false);
  });
});

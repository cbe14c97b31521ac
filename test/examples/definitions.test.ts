import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { toDataset } from '../../examples/bank-marketing/contacts.ts';
import { flightsOf, toCsv } from '../../examples/flight-delays/flights.ts';
import config from '../../launchway.config.ts';
import { deployedConfig } from '../../lib/config.ts';

const BANK = '../shared/data/bank-marketing/bank-additional-full.csv';
const definitionOf = (example: string) =>
  readModelDefinition(readFileSync(`examples/${example}/model.yaml`, 'utf8'), deployedConfig(config));
const columnsOf = ({ columns, features, problem }: ModelDefinition) =>
  [columns.id, columns.timestamp, ...columns.attributes, ...features.map(({ name }) => name), problem.target].sort();
const headerOf = (csv: string) => csv.slice(0, csv.indexOf('\n')).split(',').sort();

describe("an example's model.yaml", () => {
  it('of flight-delays gives every column of its data a role', () => {
    expect(columnsOf(definitionOf('flight-delays'))).toEqual(headerOf(toCsv(flightsOf('2001-01'))));
  });

  const onBank = existsSync(BANK) ? it : it.skip;
  onBank('of bank-marketing gives every column of its data a role', () => {
    const header = readFileSync(BANK, 'utf8').split('\n').slice(0, 2).join('\n').trim();
    expect(columnsOf(definitionOf('bank-marketing'))).toEqual(headerOf(toDataset(header)));
  });

  it('names an image whose directory holds train and serve', () => {
    const images = JSON.parse(readFileSync('examples/images.json', 'utf8')) as Record<string, string>;
    const repository = definitionOf('flight-delays').training.image!;
    const directory = join(dirname('examples/images.json'), images[repository]!);
    expect(['Dockerfile', 'train', 'serve'].every((file) => existsSync(join(directory, file)))).toBe(true);
  });
});

describe('the bank data', () => {
  it('gets ids and times that keep the order, the months and the passing of years', () => {
    const rows = ['month;y', 'nov;no', 'dec;no', 'dec;yes', 'mar;no'].join('\n');
    expect(toDataset(rows).trimEnd().split('\n')).toEqual([
      'contact_id,contacted_at,month,y',
      'c00001,2008-11-01T00:00:00.000Z,nov,no',
      'c00002,2008-12-01T00:00:00.000Z,dec,no',
      'c00003,2008-12-16T12:00:00.000Z,dec,yes',
      'c00004,2009-03-01T00:00:00.000Z,mar,no',
    ]);
  });

  it('is refused where it is another file', () => {
    expect(() => toDataset('a,b\n1,2\n')).toThrow("expected UCI's bank-additional columns (month … y), got a,b");
    expect(() => toDataset('month;y\nMai;no\n')).toThrow("expected a month such as may in row 2, got 'Mai'");
  });
});

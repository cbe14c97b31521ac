import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toDataset } from './contacts.ts';

// node examples/bank-marketing/make-data.ts bank-additional-full.csv DIRECTORY
const [source, directory] = process.argv.slice(2);
if (!source || !directory) {
  console.error('usage: node examples/bank-marketing/make-data.ts bank-additional-full.csv DIRECTORY');
  process.exit(2);
}
mkdirSync(directory, { recursive: true });
const dataset = toDataset(readFileSync(source, 'utf8'));
writeFileSync(join(directory, 'train.csv'), dataset);
console.log(`${join(directory, 'train.csv')}: ${dataset.split('\n').length - 2} contacts`);

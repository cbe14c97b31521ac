import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseModelDefinition } from '../adapters/yaml-model-definition.ts';
import { definitionSchema } from '../domain/model-definition/definition-schema.ts';
import type { KeyUse } from '../domain/model-definition/fields.ts';

const PATH = join(import.meta.dirname, 'model.schema.json');

/** The schema of model.yaml as docs/model.schema.json is to hold it. */
export function modelSchema(): string {
  const uses: KeyUse[] = [];
  const probes = readFileSync(join(import.meta.dirname, 'model-schema-probes.yaml'), 'utf8');
  for (const probe of probes.split(/^---$/m)) {
    const { problems } = parseModelDefinition(probe, undefined, (use) => uses.push(use));
    if (problems.length > 0)
      throw new Error(
        `expected probes that the parser accepts, got ${problems.map(({ message }) => message).join('; ')}`,
      );
  }
  const descriptions = JSON.parse(readFileSync(join(import.meta.dirname, 'model-keys.json'), 'utf8'));
  return `${JSON.stringify(definitionSchema(uses, descriptions), null, 2)}\n`;
}

if (import.meta.main) {
  writeFileSync(PATH, modelSchema());
  console.log(`wrote ${PATH}`);
}

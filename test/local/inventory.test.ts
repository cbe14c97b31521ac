import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { inventoried, inventoryOf } from '../../local/inventory.ts';

it('local/README.md lists what the code implements; `npm run inventory` writes it', async () => {
  const readme = readFileSync('local/README.md', 'utf8');
  expect(readme).toBe(await inventoried(readme));
});

it('lists operations with their members and resource types with their properties, by name', () => {
  const operation = (members: string[]) => ({ members, needs: () => [], run: async () => ({}) });
  const handler = { properties: ['Name'], create: never, update: never, delete: never };
  const service = {
    name: 'box',
    operations: { Put: operation(['Key', 'Body']), List: operation([]) },
    resources: { 'AWS::Box::Box': handler },
  };
  expect(inventoryOf([service])).toBe(
    '### box\n\n| Operation | Members |\n|---|---|\n| List | none |\n| Put | Body, Key |\n\n| Resource type | Properties |\n|---|---|\n| AWS::Box::Box | Name |\n',
  );
});

it('keeps what is written by hand, and refuses one marker alone', async () => {
  const once = await inventoried('# By hand\n');
  expect(once).toMatch(/^# By hand\n\n## What is implemented\n/);
  expect(await inventoried(`${once}after\n`)).toBe(`${once}after\n`);
  await expect(inventoried('<!-- end of inventory -->')).rejects.toThrow(/got one alone/);
});

const never = async (): Promise<never> => {
  throw new Error('expected no call');
};

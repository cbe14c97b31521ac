import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalCloud } from './cloud.ts';
import type { Service } from './service.ts';
import { createServices } from './services/index.ts';

const README = join(import.meta.dirname, 'README.md');
const BEGIN = '<!-- inventory: written by `npm run inventory`, not by hand -->';
const END = '<!-- end of inventory -->';

/** The README as it should be: what the code says of itself between the markers, everything else as it is. */
export async function inventoried(readme: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'launchway-inventory-'));
  const cloud = new LocalCloud({ stateDir: directory });
  try {
    return withInventory(readme, inventoryOf(createServices(cloud)));
  } finally {
    await cloud.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @returns Markdown: per service its operations with their members and its resource types with their properties, by name */
export const inventoryOf = (services: readonly Service[]): string =>
  [...services]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(sectionOf)
    .join('\n');

function sectionOf({ name, operations, resources }: Service): string {
  const implemented = Object.entries(operations).map(([key, { members }]) => [key, members] as const);
  const provisioned = Object.entries(resources ?? {}).map(([key, { properties }]) => [key, properties] as const);
  return `### ${name}\n${table('Operation', 'Members', implemented)}${table('Resource type', 'Properties', provisioned)}`;
}

function table(head: string, other: string, entries: readonly (readonly [string, readonly string[]])[]): string {
  if (entries.length === 0) return '';
  const rows = [...entries]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, parts]) => `| ${name} | ${listed(parts)} |\n`);
  return `\n| ${head} | ${other} |\n|---|---|\n${rows.join('')}`;
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : [...names].sort().join(', '));

/** @throws {Error} one marker without the other */
function withInventory(readme: string, inventory: string): string {
  const section = `${BEGIN}\n\n${inventory}\n${END}`;
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 && end < 0) return `${readme.trimEnd()}\n\n## What is implemented\n${section}\n`;
  if (begin < 0 || end < begin)
    throw new Error(`expected '${BEGIN}' before '${END}' in local/README.md, got one alone`);
  return readme.slice(0, begin) + section + readme.slice(end + END.length);
}

if (import.meta.main) {
  const readme = await inventoried(readFileSync(README, 'utf8'));
  writeFileSync(`${README}.new`, readme);
  renameSync(`${README}.new`, README);
}

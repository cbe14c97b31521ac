import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from '@jest/globals';

/** Who may import whom. `docs/architecture.md` shows the same table; change both together. */
const MAY_IMPORT: Record<string, RegExp> = {
  domain: /^domain\//,
  adapters: /^(adapters|domain)\//,
  lambdas: /^(lambdas|adapters|domain|web)\//,
  web: /^(web|domain)\//,
  lib: /^(lib\/|domain\/deployed-config\.ts$|lambdas\/[^/]+\/contract\.ts$)/,
  // The CLI starts the local cloud and reads the reviewed configuration; it reaches into neither.
  cli: /^(cli\/|adapters\/|domain\/|local\/run\.ts$|lib\/config\.ts$|launchway\.config\.ts$)/,
  local: /^local\//,
  bin: /^(bin|lib|cli)\/|^launchway\.config\.ts$/,
  examples: /^(examples\/|cli\/example\.ts$)/,
};

const filesIn = (room: string) =>
  readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[tj]s$/.test(file) && !file.includes('node_modules'))
    .map((file) => join(room, file));

const importsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) =>
    normalize(join(dirname(file), path!)),
  );

const rooms = Object.keys(MAY_IMPORT).filter((room) => existsSync(room));

it.each(rooms)('%s imports only from the rooms it may', (room) => {
  const wrong = filesIn(room).flatMap((file) =>
    importsOf(file)
      .filter((path) => !MAY_IMPORT[room]!.test(path))
      .map((path) => `${file} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});

it('domain depends on no package and does no I/O; hashing is the one built-in it uses', () => {
  const wrong = filesIn('domain').filter((file) => /from '(?!\.|node:crypto')/.test(readFileSync(file, 'utf8')));
  expect(wrong).toEqual([]);
});

it('no room is called after what it is not', () => {
  const everything = [...rooms, 'test', 'bench'].filter((room) => existsSync(room)).flatMap(filesIn);
  expect(everything.filter((file) => /(^|\/)(utils?|helpers?|common|managers?)(\/|\.|-)/i.test(file))).toEqual([]);
});

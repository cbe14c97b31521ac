import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathsFrom, train } from './training.ts';

const paths = pathsFrom(process.env);
try {
  train(paths, (line) => console.log(line));
} catch (error) {
  const { name, message } = error as Error;
  mkdirSync(dirname(paths.failure), { recursive: true });
  writeFileSync(paths.failure, `${name}: ${message}`);
  console.error(error);
  process.exitCode = 1;
}

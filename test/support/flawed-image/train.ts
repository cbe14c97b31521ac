import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// The model: how often flights of an hour of the day were late.
const root = process.env.SM_OPT_ML ?? '/opt/ml';
const {
  flaw,
  prior = '5',
  pause = '0',
} = JSON.parse(readFileSync(join(root, 'input/config/hyperparameters.json'), 'utf8')) as {
  flaw?: string;
  prior?: string;
  pause?: string;
};
await sleep(Number(pause) * 1000);
console.log(`training with flaw ${flaw ?? 'none'}`);
if (flaw === 'fails') {
  console.error('reading with aws_secret_access_key=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY1');
  console.error("KeyError: 'origin'");
  mkdirSync(join(root, 'output'), { recursive: true });
  writeFileSync(join(root, 'output/failure'), "train.py line 41: KeyError: 'origin'");
  process.exit(1);
}
if (flaw !== 'writes no model') {
  const [header, ...rows] = readFileSync(join(root, 'input/data/train/train.csv'), 'utf8').trim().split('\n');
  const hour = header!.split(',').indexOf('hour');
  const late = new Map<string, [number, number]>();
  for (const row of rows.map((line) => line.split(','))) {
    const [flights, delayed] = late.get(row[hour]!) ?? [0, 0];
    late.set(row[hour]!, [flights + 1, delayed + Number(row.at(-1))]);
  }
  const rates = Object.fromEntries(
    [...late].map(([key, [flights, delayed]]) => [key, (delayed + 1) / (flights + Number(prior))]),
  );
  console.log(`spread=${Math.max(...Object.values(rates)) - Math.min(...Object.values(rates))}`);
  mkdirSync(join(root, 'model'), { recursive: true });
  writeFileSync(join(root, 'model/model.json'), JSON.stringify({ flaw, hour, rates }));
}

import { readModelDefinition } from '../../adapters/yaml-model-definition.ts';
import type { LineageStore } from '../../domain/ports.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { SealedDataset } from '../../domain/step-results.ts';
import { prepareChannels } from '../../lambdas/prepare-channels/prepare-channels.ts';
import { profileBaseline } from '../../lambdas/profile-baseline/profile-baseline.ts';
import { sealDataset } from '../../lambdas/seal-dataset/seal-dataset.ts';
import { folderObjectStore } from './folder-object-store.ts';

/** What one function took. */
export interface StepRun {
  readonly step: string;
  readonly cpuSeconds: number;
  /** Of the whole process so far. */
  readonly maxRssMb: number;
}

const [root = '', inputs = '', definition = ''] = process.argv.slice(2);
const objects = folderObjectStore(root);
let row = {
  model: 'bench',
  release: 1,
  team: 'operations',
  status: 'Preparing',
  inputs: { ...JSON.parse(inputs), definition: { bucket: 'b', key: 'd', sha256: '' } },
  steps: {},
} as unknown as ReleaseRow;
/** One release, kept in memory. */
const lineage = {
  getRelease: async () => row,
  getModel: async () => ({ model: 'bench' }),
  recordSteps: async (_model: string, _release: number, steps: ReleaseRow['steps']) => {
    row = { ...row, steps: { ...row.steps, ...steps } };
  },
} as unknown as LineageStore;
const dependencies = {
  lineage,
  objects,
  approvedBucket: 'approved',
  artifactsBucket: 'artifacts',
  readDefinition: async () => readModelDefinition(definition),
};

const runs: StepRun[] = [];
const measure = async (step: string, work: () => Promise<unknown>) => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  runs.push({ step, cpuSeconds: (user + system) / 1e6, maxRssMb: process.resourceUsage().maxRSS / 1024 });
};
const at = { model: 'bench', release: 1 };
await measure('seal-dataset', () => sealDataset(dependencies)(at));
await measure('prepare-channels', () => prepareChannels(dependencies)(at));
await measure('profile-baseline', () => profileBaseline(dependencies)(at));
const { prepared, dataset } = row.steps as {
  prepared: { trainRows: number; holdoutRows: number };
  dataset: SealedDataset;
};
console.log(JSON.stringify({ runs, rows: prepared.trainRows + prepared.holdoutRows, bytes: dataset.bytes }));

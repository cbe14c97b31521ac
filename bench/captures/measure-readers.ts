import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { CaptureCounter } from '../../domain/capture/capture-counter.ts';
import { type Baseline, profileOver } from '../../domain/drift/baseline.ts';
import type { Profile } from '../../domain/drift/profile.ts';
import { readBlocks } from './read-blocks.ts';

export async function profileByScanner(path: string, baseline: Baseline): Promise<Profile> {
  const counter = new CaptureCounter(baseline, 0);
  await counter.count(readBlocks(path));
  return counter.profile();
}

/** What one would write first: readline, JSON.parse, split, and the same profile. */
export async function profileNaively(path: string, baseline: Baseline): Promise<Profile> {
  const builder = profileOver(baseline);
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const { captureData } = JSON.parse(line);
    const features = captureData.endpointInput.data.split(',').map((field: string) => (field === '' ? null : field));
    builder.row(features, captureData.endpointOutput.data.trim());
  }
  return builder.profile;
}

import type { ReleaseRow } from '../release.ts';

type Inputs = Pick<ReleaseRow, 'inputs' | 'steps'>;

/**
 * Which inputs of a release are not those of another: `model.yaml`, `the code`, `the data`, `the image`.
 *
 * What only one of the two has a digest of is not compared: a release that stopped early has sealed nothing.
 */
export function changedInputs(before: Inputs, now: Inputs): string[] {
  const digests = ({ inputs, steps }: Inputs): [what: string, digest: string | undefined][] => [
    ['model.yaml', inputs.definition.sha256],
    ['the code', steps.dataset?.source?.sha256],
    ['the image', inputs.image],
    ['the data', steps.dataset?.object.sha256],
  ];
  const former = new Map(digests(before));
  return digests(now).flatMap(([what, digest]) => {
    const other = former.get(what);
    return digest !== undefined && other !== undefined && digest !== other ? [what] : [];
  });
}

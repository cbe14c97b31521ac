import type { Cloud, Service } from '../service.ts';
import { readAssembly } from './assembly.ts';
import { checkStacks } from './check.ts';
import { StackDeployment } from './deploy-stack.ts';
import { type Outputs, relocate } from './state.ts';

export { type Outputs, outputsOf } from './state.ts';

/** Absolute path of an asset's file or directory, by `BUCKET/KEY`. */
const ASSETS = 'assets';

interface DeployOptions {
  /** One line per stack that changed. */
  readonly report?: (line: string) => void;
}

/**
 * Deploys a synthesized assembly onto the local cloud's services.
 *
 * Everything is checked before anything is created. Resources whose resolved properties did not change are not touched, so a
 * second deployment of the same assembly does nothing. There is no rollback: after a failure, the next deployment continues.
 * A stack that the assembly no longer has stays, as with `cdk deploy`.
 *
 * @param directory absolute path of `cdk.out`
 * @throws {NotImplementedError} naming stack, logical id, type and property of all that is missing
 */
export async function deploy(
  cloud: Cloud & { readonly services: readonly Service[] },
  directory: string,
  { report = () => {} }: DeployOptions = {},
): Promise<Outputs> {
  const { stacks, assets } = readAssembly(directory, cloud);
  const handlers = new Map(cloud.services.flatMap(({ resources }) => Object.entries(resources ?? {})));
  checkStacks(stacks, handlers);
  relocate(cloud.store, cloud.url);
  cloud.store.transaction(() => {
    for (const { bucket, key, path } of assets) cloud.store.put(ASSETS, `${bucket}/${key}`, path);
  });
  const outputs: Record<string, Readonly<Record<string, string>>> = {};
  for (const stack of stacks) {
    const done = await new StackDeployment(cloud, stack, handlers).run();
    outputs[stack.name] = done.outputs;
    const changes = Object.entries(done.changes).filter(([, count]) => count > 0);
    if (changes.length) report(`${stack.name}: ${changes.map(([what, count]) => `${count} ${what}`).join(', ')}`);
  }
  return outputs;
}

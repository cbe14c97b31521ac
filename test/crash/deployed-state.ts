import { exampleImages } from '../../cli/commands/local.ts';
import { runLocalCloud } from '../../local/run.ts';

/** Makes the state that every seed starts from: the app is deployed, nothing was uploaded. */
export async function deployOnce(stateDir: string, assembly: string): Promise<void> {
  const running = await runLocalCloud({ port: 0, stateDir, assembly, images: exampleImages() });
  await running.cloud.idle();
  await running.stop();
}

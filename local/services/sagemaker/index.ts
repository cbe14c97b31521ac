import type { Cloud, Operation, Service } from '../../service.ts';
import { type ImageSource, pullFromRegistry } from './container/image.ts';
import { Throttle } from './limits.ts';
import { createPlatform } from './platform.ts';
import { tagOperations } from './tags.ts';
import { Training } from './training/operations.ts';

/**
 * SageMaker with real work: training jobs, batch transforms and endpoints run their image's `train` and `serve` programs as
 * local processes under the container contract.
 *
 * @param images where programs come from @default the local registry
 */
export function createSageMakerService(cloud: Cloud, images: ImageSource = pullFromRegistry): Service {
  const platform = createPlatform(cloud, images);
  const training = new Training(platform);
  return {
    name: 'sagemaker',
    operations: throttled(cloud, { ...training.operations, ...tagOperations(platform.tags) }),
    async resume() {
      platform.processes.endOrphans();
      training.resume();
    },
    async stop() {
      platform.stopped = true;
      await platform.processes.stop();
      await training.stop();
    },
  };
}

function throttled(cloud: Cloud, operations: Readonly<Record<string, Operation>>): Record<string, Operation> {
  const throttle = new Throttle(cloud);
  return Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      {
        ...operation,
        async run(call) {
          throttle.take(name);
          return operation.run(call);
        },
      },
    ]),
  );
}

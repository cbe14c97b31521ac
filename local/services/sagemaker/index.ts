import type { Cloud, Operation, Service } from '../../service.ts';
import { type ImageSource, pullFromRegistry } from './container/image.ts';
import { EndpointConfigs } from './endpoint-configs.ts';
import { INVOKE_ROUTE } from './endpoints/invoke.ts';
import { Endpoints } from './endpoints/operations.ts';
import { Throttle } from './limits.ts';
import { mountLimitsControl } from './limits-control.ts';
import { Models } from './models.ts';
import { ModelPackages } from './packages.ts';
import { createPlatform } from './platform.ts';
import { tagOperations } from './tags.ts';
import { Training } from './training/operations.ts';
import { Transform } from './transform/operations.ts';
import { Tuning } from './tuning/operations.ts';

/**
 * SageMaker with real work: training jobs, batch transforms and endpoints run their image's `train` and `serve` programs as
 * local processes under the container contract.
 *
 * @param images where programs come from @default the local registry
 */
export function createSageMakerService(cloud: Cloud, images: ImageSource = pullFromRegistry): Service {
  const platform = createPlatform(cloud, images);
  const training = new Training(platform);
  const tuning = new Tuning(platform, training);
  const packages = new ModelPackages(platform);
  const models = new Models(platform, packages);
  const configs = new EndpointConfigs(platform, models);
  const endpoints = new Endpoints(platform, models, configs);
  const transform = new Transform(platform, models);
  const unmount = mountLimitsControl(cloud);
  const families = [training, tuning, transform, models, configs, endpoints, packages];
  return {
    name: 'sagemaker',
    operations: throttled(cloud, {
      ...Object.assign({}, ...families.map((family) => family.operations)),
      ...tagOperations(platform.tags),
    }),
    routes: { InvokeEndpoint: INVOKE_ROUTE },
    async resume() {
      platform.processes.endOrphans();
      training.resume();
      tuning.resume();
      transform.resume();
      endpoints.resume();
    },
    async stop() {
      platform.stopped = true;
      unmount();
      const counted = cloud.track(endpoints.flushMetrics()); // a failure is reported by track
      await platform.processes.stop();
      await Promise.allSettled([counted, training.stop(), transform.stop(), endpoints.stop()]);
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

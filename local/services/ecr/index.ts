import type { Cloud, Service } from '../../service.ts';
import { imageOperations } from './image-operations.ts';
import { Repositories, repositoryResource } from './repositories.ts';
import { repositoryOperations } from './repository-operations.ts';

export { registerImage } from './images.ts';
export { imageDirectory } from './registry.ts';

/**
 * A registry of directories: those that `images.json` in the state folder maps to a repository, and those that were pushed.
 *
 * There are no layers, so BatchGetImage answers identifiers only, and PutImage's manifest names a directory.
 */
export function createEcrService(cloud: Cloud): Service {
  const repositories = new Repositories(cloud);
  return {
    name: 'ecr',
    operations: { ...repositoryOperations(cloud, repositories), ...imageOperations(cloud, repositories) },
    resources: { 'AWS::ECR::Repository': repositoryResource(cloud, repositories) },
  };
}

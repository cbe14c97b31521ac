import {
  DescribeImagesCommand,
  ECRClient,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr';
import type { ImageRegistry } from '../domain/release-ports.ts';

/** The account's own repositories in ECR. */
export class EcrImageRegistry implements ImageRegistry {
  readonly #account: string;
  readonly #region: string;
  readonly #client: ECRClient;

  constructor(account: string, region: string, client: ECRClient = new ECRClient({})) {
    this.#account = account;
    this.#region = region;
    this.#client = client;
  }

  async pin(image: string): Promise<string | undefined> {
    const at = image.lastIndexOf(':');
    const repositoryName = image.slice(0, at);
    try {
      const { imageDetails } = await this.#client.send(
        new DescribeImagesCommand({
          registryId: this.#account,
          repositoryName,
          imageIds: [{ imageTag: image.slice(at + 1) }],
        }),
      );
      const digest = imageDetails?.[0]?.imageDigest;
      return digest && `${this.#account}.dkr.ecr.${this.#region}.amazonaws.com/${repositoryName}@${digest}`;
    } catch (error) {
      if (error instanceof ImageNotFoundException || error instanceof RepositoryNotFoundException) return undefined;
      throw error;
    }
  }
}

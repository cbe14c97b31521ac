import type { LocalCloud } from '../cloud.ts';

export interface StatusChange {
  /** ISO 8601, by the local clock. */
  readonly at: string;
  readonly status: string;
}

/** Changes kept per endpoint. */
const MOST = 20;

/** What EventBridge was told of endpoints since this process started; SageMaker keeps no history to ask for. */
export class StatusChanges {
  readonly #changes = new Map<string, StatusChange[]>();

  /** @returns the end of listening */
  listen(cloud: LocalCloud): () => void {
    return cloud.onEvent((event) => {
      if (event['detail-type'] !== 'SageMaker Endpoint State Change') return;
      const { EndpointName, EndpointStatus } = event.detail as { EndpointName: string; EndpointStatus: string };
      const before = this.#changes.get(EndpointName) ?? [];
      this.#changes.set(EndpointName, [{ at: event.time, status: EndpointStatus }, ...before].slice(0, MOST));
    });
  }

  /** Newest first. */
  of(endpoint: string): readonly StatusChange[] {
    return this.#changes.get(endpoint) ?? [];
  }
}

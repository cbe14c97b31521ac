import type { ImageReference } from './training/images.ts';

/** Starts and looks at executions of `release-model`. */
export interface ReleaseExecutions {
  /** Starting what has been started is success: the name holds the digest of the inputs. */
  start(name: string, input: { readonly model: string; readonly release: number }): Promise<void>;
}

/** Container images. */
export interface ImageRegistry {
  /** @returns its URI by digest; undefined where there is no such image */
  pin(image: ImageReference): Promise<string | undefined>;
}

/** Logs of training jobs. */
export interface TrainingLogs {
  /** The last lines of the newest job whose name starts with `jobPrefix`; empty where there is none. */
  tail(jobPrefix: string, lines: number): Promise<readonly string[]>;
}

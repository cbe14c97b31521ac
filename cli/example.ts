import { join } from 'node:path';

/** A model with real data that can be tried at once. */
export interface Example {
  readonly name: string;
  /** Absolute; holds model.yaml. */
  readonly folder: string;
  /** Person who submits: an access key of the local cloud. */
  readonly submitter: string;
  /** The file that starts the release. */
  readonly trainingFile: { readonly name: string; text(): string };
  /**
   * Requests as callers send them: headerless CSV, features in declared order.
   *
   * @param kind `quiet`: traffic like the training data; `storm`: an honest selection of real rows that is not
   * @param window 0, 1, …: which day of such traffic
   */
  requests(kind: 'quiet' | 'storm', window: number, rows: number): readonly string[];
}

/** Examples by name; each is a folder of `examples/` with an `example.ts`. */
export async function loadExample(name: string): Promise<Example> {
  const { example } = (await import(join(import.meta.dirname, '../examples', name, 'example.ts'))) as {
    example: Example;
  };
  return example;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of a person or a terminal that is closed. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Folders laid out like `/opt/ml` in a container, and the hold-out beside. */
export class Workspace {
  readonly root: string;
  readonly holdout: string;

  private constructor(root: string) {
    this.root = root;
    this.holdout = join(root, '..', 'holdout');
  }

  /** Gives `work` a workspace that is gone afterwards, whatever happens. */
  static async during<Result>(work: (workspace: Workspace) => Promise<Result>): Promise<Result> {
    const folder = mkdtempSync(join(tmpdir(), 'launchway-try-'));
    const remove = () => rmSync(folder, { recursive: true, force: true });
    process.once('exit', remove);
    // A signal alone ends the process without an exit: the folder would stay, and programs, which have groups of their own, go on.
    const interrupt = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal]);
    for (const signal of ENDING) process.once(signal, interrupt);
    try {
      const workspace = new Workspace(join(folder, 'ml'));
      for (const path of [
        'input/config',
        'input/data/train',
        'input/data/schema',
        'input/data/code',
        'model',
        'output/data',
        'tmp',
      ])
        await mkdir(join(workspace.root, path), { recursive: true });
      await mkdir(workspace.holdout);
      return await work(workspace);
    } finally {
      process.off('exit', remove);
      for (const signal of ENDING) process.off(signal, interrupt);
      remove();
    }
  }

  get model(): string {
    return join(this.root, 'model');
  }

  channel(name: string): string {
    return join(this.root, 'input', 'data', name);
  }

  /** The configuration files of the container contract. */
  async configure(
    hyperparameters: Readonly<Record<string, string>>,
    channels: readonly string[],
    instanceType: string,
  ) {
    const write = (name: string, value: unknown) =>
      writeFile(join(this.root, 'input', 'config', `${name}.json`), JSON.stringify(value, null, 2));
    await write('hyperparameters', hyperparameters);
    const channel = { TrainingInputMode: 'File', S3DistributionType: 'FullyReplicated', RecordWrapperType: 'None' };
    const csv = { ...channel, ContentType: 'text/csv' };
    await write(
      'inputdataconfig',
      Object.fromEntries(channels.map((name) => [name, name === 'train' ? csv : channel])),
    );
    const hosts = ['algo-1'];
    await write('resourceconfig', {
      current_host: 'algo-1',
      hosts,
      current_instance_type: instanceType,
      network_interface_name: 'eth0',
    });
  }

  /** The variables that SageMaker's training toolkit sets. */
  trainingEnvironment(
    hyperparameters: Readonly<Record<string, string>>,
    channels: readonly string[],
    instanceType: string,
  ) {
    const name = (text: string) => text.toUpperCase().replace(/[^A-Z0-9]/g, '_');
    return {
      ...this.servingEnvironment(),
      SM_OUTPUT_DIR: join(this.root, 'output'),
      SM_OUTPUT_DATA_DIR: join(this.root, 'output', 'data'),
      SM_INPUT_DIR: join(this.root, 'input'),
      SM_INPUT_CONFIG_DIR: join(this.root, 'input', 'config'),
      SM_CHANNELS: JSON.stringify([...channels].sort()),
      ...Object.fromEntries(channels.map((channel) => [`SM_CHANNEL_${name(channel)}`, this.channel(channel)])),
      SM_HPS: JSON.stringify(hyperparameters),
      ...Object.fromEntries(Object.entries(hyperparameters).map(([key, value]) => [`SM_HP_${name(key)}`, value])),
      SM_NUM_CPUS: String(availableParallelism()),
      SM_NUM_GPUS: '0',
      SM_HOSTS: '["algo-1"]',
      SM_CURRENT_HOST: 'algo-1',
      SM_CURRENT_INSTANCE_TYPE: instanceType,
      TRAINING_JOB_NAME: 'launchway-try',
    };
  }

  servingEnvironment(): Record<string, string> {
    return { SM_OPT_ML: this.root, SM_MODEL_DIR: this.model, TMPDIR: join(this.root, 'tmp') };
  }
}

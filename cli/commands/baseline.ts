import type { Command } from 'commander';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { baselineInWords, LEAST_BASELINE_ROWS } from '../../domain/monitoring/monitoring-baseline.ts';
import { type Connection, connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION, table, UsageError } from '../output.ts';
import { answered, uploadRequest } from '../request-action.ts';

interface BaselineOptions {
  readonly window?: string;
  readonly features?: string;
  readonly restore?: boolean;
  readonly reason?: string;
}

const WINDOWS_SHOWN = 10;

export function registerBaseline(drift: Command): void {
  drift
    .command('baseline')
    .description('what windows are held against: show it, take features from a window, or go back to the training data')
    .argument('<model>', 'model, as it serves now')
    .option('--window <start>', 'start of a checked window that was as it should be: 2026-02-03T00:00:00.000Z')
    .option('--features <names>', 'features that are to be as that window had them: a,b')
    .option('--restore', 'the training data again')
    .option('--reason <text>', 'why')
    .option('--json', JSON_OPTION)
    .action(async (model: string, options: BaselineOptions, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const output = createOutput(json ?? false);
      const connection = await connect(prefix);
      const version = await servingVersion(connection, model);
      const store = new DynamoDbMonitoringStore(connection.table);
      const wish = wishOf(options);
      if (!wish) {
        const current = await store.currentBaseline(model, version);
        const windows = await store.lastWindows(model, version, WINDOWS_SHOWN);
        output.result({ model, version, current: current ?? null, windows }, () =>
          [
            `version ${version} is held against ${current ? baselineInWords(current) : 'its training data'}`,
            '',
            table([
              ['window', 'rows', 'verdict', 'can be a baseline'],
              ...windows.map(({ start, rows, verdict }) => [
                start,
                String(rows),
                verdict,
                rows >= LEAST_BASELINE_ROWS && verdict !== 'InsufficientData'
                  ? 'yes'
                  : `no: ${LEAST_BASELINE_ROWS} rows are needed`,
              ]),
            ]),
          ].join('\n'),
        );
        return;
      }
      const uploaded = await uploadRequest(connection, model, wish, new Date());
      const row = await answered(connection, model, uploaded, async () => {
        const current = await store.currentBaseline(model, version);
        return current?.origin === uploaded.origin ? current : undefined;
      });
      output.result(row, () => `from the next window on, version ${version} is held against ${baselineInWords(row)}`);
    });
}

async function servingVersion({ lineage }: Connection, model: string): Promise<number> {
  const { champion } = await lineage.getModel(model);
  if (!champion) throw new UsageError(`expected ${model} to serve, got a model that does not`);
  return champion.version;
}

/** @returns undefined where nothing is to be changed */
function wishOf({ window, features, restore, reason }: BaselineOptions) {
  if (window === undefined && !restore) return undefined;
  if (reason === undefined) throw new UsageError('expected --reason: whoever reads this next has to know');
  if (restore) return { action: 'restore-baseline', reason };
  if (features === undefined) throw new UsageError('expected --features: those that are as they should be');
  return { action: 're-baseline', reason, window, features: features.split(',').map((name) => name.trim()) };
}

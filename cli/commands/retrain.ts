import type { Command } from 'commander';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { retrainInWords } from '../../domain/monitoring/retrain-decision.ts';
import { connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION } from '../output.ts';
import { answered, uploadRequest } from '../request-action.ts';

export function registerRetrain(program: Command): void {
  program
    .command('retrain')
    .description('ask the governor to train on the rows that wait; it says no where its rules do, and why')
    .argument('<model>', 'model')
    .requiredOption('--reason <text>', 'why; approvers read it')
    .option('--json', JSON_OPTION)
    .action(async (model: string, { reason }: { reason: string }, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const connection = await connect(prefix);
      await connection.lineage.getModel(model);
      const uploaded = await uploadRequest(connection, model, { action: 'retrain', reason }, new Date());
      const monitoring = new DynamoDbMonitoringStore(connection.table);
      const row = await answered(connection, model, uploaded, () =>
        monitoring.findRetrainDecision(model, `request/${uploaded.origin}`),
      );
      createOutput(json ?? false).result(row, () =>
        row.decision === 'started'
          ? `it is release ${row.release}; follow it: launchway status ${model} --watch`
          : retrainInWords(row),
      );
      if (row.decision === 'refused') process.exitCode = 1;
    });
}

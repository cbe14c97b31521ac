import { DynamoDbSlotStore } from '../../adapters/dynamodb-slot-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { LambdaSlotAssigner } from '../../adapters/lambda-slot-assigner.ts';
import { SageMakerJobLookup } from '../../adapters/sagemaker-job-lookup.ts';
import { SfnWorkflowLookup } from '../../adapters/sfn-workflow-lookup.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { SweepSlotsEnv, SweepSlotsInput } from './contract.ts';
import { sweepSlots } from './sweep-slots.ts';

const env = readEnv(SweepSlotsEnv);
const now = () => new Date();

export const handler = serve(
  SweepSlotsInput,
  sweepSlots({
    slots: new DynamoDbSlotStore(new DynamoDbTable(env.LINEAGE_TABLE_NAME, now)),
    jobs: new SageMakerJobLookup(),
    workflows: new SfnWorkflowLookup(),
    assigner: new LambdaSlotAssigner(env.ASSIGN_SLOTS_FUNCTION_NAME),
    now,
  }),
);

import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { ActByCommand } from './act-by-command.ts';
import { ActOnIncident } from './act-on-incident.ts';
import { AnchorChains } from './anchor-chains.ts';
import { ApproveModel } from './approve-model.ts';
import { AssignSlots } from './assign-slots.ts';
import { BuildImage } from './build-image.ts';
import { deployedConfig, imagesOfTeam, type LaunchwayConfig, prefixOf } from './config.ts';
import { ContainerRoles } from './container-roles.ts';
import { DecideByCommand } from './decide-by-command.ts';
import { DeployModel } from './deploy-model.ts';
import { FollowApproval } from './follow-approval.ts';
import { bundleHandlers } from './handler-code.ts';
import { MailIdentity } from './mail-identity.ts';
import { MeasureStaleness } from './measure-staleness.ts';
import { MonitorModel } from './monitor-model.ts';
import { NotifyChannel, noticeQueue } from './notify-channel.ts';
import { OperatorAlarms } from './operator-alarms.ts';
import type { PipelineProps } from './pipeline.ts';
import { PrepareData } from './prepare-data.ts';
import { RecordBounce } from './record-bounce.ts';
import { ReleaseModel } from './release-model.ts';
import { RemindApprovers } from './remind-approvers.ts';
import { ReportLeftovers } from './report-leftovers.ts';
import { RollBackModel } from './roll-back-model.ts';
import { SealArtifact } from './seal-artifact.ts';
import { SignIn } from './sign-in.ts';
import type { StorageStack } from './storage-stack.ts';
import { SweepIntents } from './sweep-intents.ts';
import { TrainModel } from './train-model.ts';
import { ValidateModel } from './validate-model.ts';
import { WatchModels } from './watch-models.ts';
import { WithdrawApproval } from './withdraw-approval.ts';

/** Properties for PipelineStack. */
export interface PipelineStackProps extends StackProps {
  readonly config: LaunchwayConfig;
  readonly storage: StorageStack;
  /** Folder that the handlers are bundled into. */
  readonly bundleDirectory: string;
}

/** Everything that acts. It holds no state: it can be deployed, rolled back and removed without losing a fact. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { config, storage, bundleDirectory, ...props }: PipelineStackProps) {
    super(scope, id, props);
    const prefix = prefixOf(config);
    const containers = new ContainerRoles(this, 'ContainerRoles', {
      prefix,
      storage,
      vpc: config.vpc,
      teams: Object.keys(config.teams),
      images: Object.fromEntries(Object.keys(config.teams).map((team) => [team, imagesOfTeam(config, team)])),
    });
    const pipeline: PipelineProps = {
      config,
      prefix,
      storage,
      containers,
      code: bundleHandlers(bundleDirectory, deployedConfig(config)),
    };
    for (const team of Object.keys(config.teams)) new BuildImage(this, `BuildImage-${team}`, { prefix, team, storage });
    const alerts = this.#alertTopic(prefix, config.mail.operators);
    const mail = new MailIdentity(this, 'Mail', { prefix, from: config.mail.from });

    const notices = noticeQueue(this, config, prefix);
    const toChannels = notices && { notices: notices.queue };
    const approveModel = new ApproveModel(this, 'ApproveModel', { ...pipeline, mail, ...toChannels });
    const pages = approveModel.api;
    const { decisions } = approveModel;
    const withdrawApproval = new WithdrawApproval(this, 'WithdrawApproval', { ...pipeline, decisions });
    new ActByCommand(this, 'ActByCommand', { ...pipeline, mail, api: pages, withdrawApproval });
    new FollowApproval(this, 'FollowApproval', { ...pipeline, mail, pages, withdrawApproval });
    const monitorModel = new MonitorModel(this, 'MonitorModel', { ...pipeline, mail, alerts, pages });
    if (notices) new NotifyChannel(this, 'NotifyChannel', { ...pipeline, pages, queue: notices.queue });
    new DecideByCommand(this, 'DecideByCommand', { ...pipeline, api: pages, decisions: approveModel.decisions });
    new SignIn(this, 'SignIn', { ...pipeline, pages });
    new ActOnIncident(this, 'ActOnIncident', { ...pipeline, pages, alerts });
    const deployModel = new DeployModel(this, 'DeployModel', { ...pipeline, monitorModel });
    const slots = new AssignSlots(this, 'Slots', pipeline);
    const releaseModel = new ReleaseModel(this, 'ReleaseModel', {
      ...pipeline,
      withdrawApproval,
      mail,
      stages: {
        prepareData: new PrepareData(this, 'PrepareData', pipeline),
        trainModel: new TrainModel(this, 'TrainModel', { ...pipeline, slots }),
        sealArtifact: new SealArtifact(this, 'SealArtifact', pipeline),
        validateModel: new ValidateModel(this, 'ValidateModel', pipeline),
        approveModel: approveModel.machine,
        deployModel: deployModel.machine,
      },
    });
    new MeasureStaleness(this, 'MeasureStaleness', pipeline);
    const rollBackModel = new RollBackModel(this, 'RollBackModel', { ...pipeline, mail, deployModel });
    new SweepIntents(this, 'SweepIntents', {
      ...pipeline,
      decisions: approveModel.decisions,
      deadLetters: deployModel.scheduleDeadLetters,
    });
    new ReportLeftovers(this, 'ReportLeftovers', {
      ...pipeline,
      mail,
      deadLetters: deployModel.scheduleDeadLetters,
    });
    new AnchorChains(this, 'AnchorChains', {
      ...pipeline,
      alerts,
      deadLetters: deployModel.scheduleDeadLetters,
    });
    new RemindApprovers(this, 'RemindApprovers', {
      ...pipeline,
      ...toChannels,
      mail,
      apiUrl: approveModel.api.apiEndpoint,
      deadLetters: deployModel.scheduleDeadLetters,
    });

    const recordBounce = new RecordBounce(this, 'RecordBounce', { ...pipeline, mail, apiUrl: pages.apiEndpoint });

    const watchModels = new WatchModels(this, 'WatchModels', {
      ...pipeline,
      mail,
      alerts,
      pages,
      scheduleGroup: deployModel.scheduleGroup,
      deadLetters: deployModel.scheduleDeadLetters,
    });

    new OperatorAlarms(this, 'OperatorAlarms', {
      prefix,
      alerts,
      monitorModel,
      watchModels: watchModels.handler,
      deadLetters: {
        Intake: storage.intakeDeadLetters,
        Decisions: approveModel.deadLetters,
        Schedules: deployModel.scheduleDeadLetters,
        Ended: releaseModel.deadLetters,
        Bounces: recordBounce.deadLetters,
        Slots: slots.deadLetters,
        ...(notices && { Notices: notices.deadLetters }),
        Rollbacks: rollBackModel.deadLetters,
      },
    });
    new CfnOutput(this, 'IntakeBucketName', { value: storage.intake.bucketName });
    new CfnOutput(this, 'ApprovalUrl', { value: approveModel.api.apiEndpoint });
    new CfnOutput(this, 'ReleaseModelStateMachineArn', { value: releaseModel.machine.stateMachine.stateMachineArn });
    new CfnOutput(this, 'LineageTableName', { value: storage.table.tableName });
  }

  #alertTopic(prefix: string, operators: string): Topic {
    const topic = new Topic(this, 'Alerts', { topicName: `${prefix}-alerts`, enforceSSL: true });
    topic.addSubscription(new EmailSubscription(operators));
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    return topic;
  }
}

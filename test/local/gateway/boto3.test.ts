import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

const run = promisify(execFile);

function hasBoto3(): boolean {
  try {
    execFileSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('python3 has no boto3: its test is skipped');
    return false;
  }
}

/** What boto3 does otherwise than the JavaScript SDK: its own parsers, error classes, paginators, waiters and URLs. */
const PROGRAM = `
import io, json, sys, urllib.request, boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url, role = sys.argv[1], sys.argv[2]
session = boto3.Session(aws_access_key_id='alice', aws_secret_access_key='s', region_name='eu-west-1')
client = lambda name: session.client(name, endpoint_url=url, config=Config(retries={'total_max_attempts': 1}))
said = {}

def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response['Error']['Code']

s3 = client('s3')
s3.create_bucket(Bucket='boto', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
s3.upload_fileobj(io.BytesIO(b'z' * 9_000_000), 'boto', 'big')
said['size'] = s3.head_object(Bucket='boto', Key='big')['ContentLength']
link = s3.generate_presigned_url('get_object', Params={'Bucket': 'boto', 'Key': 'big'}, ExpiresIn=60)
said['presigned'] = len(urllib.request.urlopen(link).read())
said['exists'] = code(s3.put_object, Bucket='boto', Key='big', Body=b'', IfNoneMatch='*')
said['missing'] = code(s3.get_object, Bucket='boto', Key='none')

dynamodb = client('dynamodb')
item = lambda key: {'Put': {'TableName': 'rows', 'Item': {'pk': {'S': key}, 'b': {'B': b'\\x01\\x02'}},
                            'ConditionExpression': 'attribute_not_exists(pk)'}}
dynamodb.transact_write_items(TransactItems=[item('a')])
said['bytes'] = list(dynamodb.get_item(TableName='rows', Key={'pk': {'S': 'a'}})['Item']['b']['B'])
try:
    dynamodb.transact_write_items(TransactItems=[item('b'), item('a')])
except dynamodb.exceptions.TransactionCanceledException as error:
    said['reasons'] = [reason['Code'] for reason in error.response['CancellationReasons']]

sqs = client('sqs')
queue = sqs.create_queue(QueueName='boto')['QueueUrl']
sqs.send_message_batch(QueueUrl=queue, Entries=[{'Id': str(n), 'MessageBody': str(n)} for n in range(3)])
said['messages'] = len(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)['Messages'])

logs = client('logs')
logs.create_log_group(logGroupName='/boto')
said['group'] = code(logs.create_log_group, logGroupName='/boto')

sagemaker = client('sagemaker')
for n in range(12):
    sagemaker.create_model(ModelName=f'model-{n}', ExecutionRoleArn=role, PrimaryContainer={'Image': 'served:1'})
said['models'] = sum(len(page['Models']) for page in sagemaker.get_paginator('list_models').paginate())
said['job'] = code(sagemaker.describe_training_job, TrainingJobName='none')
said['search'] = code(sagemaker.describe_hyper_parameter_tuning_job, HyperParameterTuningJobName='none')
runtime = client('sagemaker-runtime')
said['endpoint'] = code(runtime.invoke_endpoint, EndpointName='none', Body=b'')

scaling = client('application-autoscaling')
said['target'] = code(scaling.deregister_scalable_target, ServiceNamespace='sagemaker',
                      ResourceId='endpoint/none/variant/live', ScalableDimension='sagemaker:variant:DesiredInstanceCount')
said['schedule'] = code(client('scheduler').get_schedule, Name='none')
said['machine'] = code(client('stepfunctions').describe_state_machine,
                       stateMachineArn='arn:aws:states:eu-west-1:000000000000:stateMachine:none')
said['key'] = code(client('kms').describe_key, KeyId='none')
said['function'] = code(client('lambda').get_function, FunctionName='none')
said['identity'] = code(client('sesv2').get_email_identity, EmailIdentity='none@example.com')
said['rule'] = code(client('events').describe_rule, Name='none')
sns = client('sns')
topic = sns.create_topic(Name='boto')['TopicArn']
said['topics'] = [row['TopicArn'].split(':')[-1] for row in sns.list_topics()['Topics']]
said['email'] = code(sns.subscribe, TopicArn=topic, Protocol='email', Endpoint='nobody')

cloudwatch = client('cloudwatch')
cloudwatch.put_metric_data(Namespace='Boto', MetricData=[{'MetricName': f'm{n % 3}', 'Value': n} for n in range(900)])
said['metrics'] = sum(len(page['Metrics']) for page in cloudwatch.get_paginator('list_metrics').paginate(Namespace='Boto'))
said['secret'] = code(client('secretsmanager').get_secret_value, SecretId='none')
said['repository'] = code(client('ecr').describe_repositories, repositoryNames=['none'])
said['builds'] = client('codebuild').batch_get_builds(ids=['none:1'])['buildsNotFound']
said['caller'] = client('sts').get_caller_identity()['Arn']
print(json.dumps(said))
`;

let small: SmallCloud;
beforeAll(async () => {
  small = await SmallCloud.start();
});
afterAll(() => small.stop());

(hasBoto3() ? it : it.skip)(
  'speaks with boto3: answers, pages, presigned URLs and error codes',
  async () => {
    const role = await small.role('worker', 'sagemaker.amazonaws.com', [['*', '*']]);
    await small.create('AWS::DynamoDB::Table', {
      TableName: 'rows',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    const { stdout } = await run('python3', ['-c', PROGRAM, small.cloud.url, role]);
    expect(JSON.parse(stdout)).toEqual({
      size: 9_000_000,
      presigned: 9_000_000,
      exists: 'PreconditionFailed',
      missing: 'NoSuchKey',
      bytes: [1, 2],
      reasons: ['None', 'ConditionalCheckFailed'],
      messages: 3,
      group: 'ResourceAlreadyExistsException',
      models: 12,
      job: 'ValidationException',
      search: 'ResourceNotFound',
      endpoint: 'ValidationError',
      target: 'ObjectNotFoundException',
      schedule: 'ResourceNotFoundException',
      machine: 'StateMachineDoesNotExist',
      key: 'NotFoundException',
      function: 'ResourceNotFoundException',
      identity: 'NotFoundException',
      rule: 'ResourceNotFoundException',
      topics: ['boto'],
      email: 'InvalidParameter',
      metrics: 3,
      secret: 'ResourceNotFoundException',
      repository: 'RepositoryNotFoundException',
      builds: ['none:1'],
      caller: 'arn:aws:iam::000000000000:user/alice',
    });
  },
  120_000,
);

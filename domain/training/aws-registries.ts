/**
 * AWS's accounts that hold SageMaker's images, by region: AWS documentation, "Docker Registry Paths and Example Code", as the
 * SageMaker Python SDK carries it (`image_uri_config`), looked up 2026-11. A region that is not here has none that we know of.
 */
const SCIKIT_LEARN: Readonly<Record<string, string>> = {
  'af-south-1': '510948584623',
  'ap-east-1': '651117190479',
  'ap-northeast-1': '354813040037',
  'ap-northeast-2': '366743142698',
  'ap-northeast-3': '867004704886',
  'ap-south-1': '720646828776',
  'ap-south-2': '628508329040',
  'ap-southeast-1': '121021644041',
  'ap-southeast-2': '783357654285',
  'ap-southeast-3': '951798379941',
  'ap-southeast-4': '106583098589',
  'ca-central-1': '341280168497',
  'eu-central-1': '492215442770',
  'eu-central-2': '680994064768',
  'eu-north-1': '662702820516',
  'eu-south-1': '978288397137',
  'eu-south-2': '104374241257',
  'eu-west-1': '141502667606',
  'eu-west-2': '764974769150',
  'eu-west-3': '659782779980',
  'me-central-1': '272398656194',
  'me-south-1': '801668240914',
  'sa-east-1': '737474898029',
  'us-east-1': '683313688378',
  'us-east-2': '257758044811',
  'us-west-1': '746614075791',
  'us-west-2': '246618743249',
};

const LINEAR_LEARNER: Readonly<Record<string, string>> = {
  'af-south-1': '455444449433',
  'ap-east-1': '286214385809',
  'ap-northeast-1': '351501993468',
  'ap-northeast-2': '835164637446',
  'ap-northeast-3': '364406365360',
  'ap-south-1': '991648021394',
  'ap-southeast-1': '475088953585',
  'ap-southeast-2': '712309505854',
  'ca-central-1': '469771592824',
  'eu-central-1': '664544806723',
  'eu-north-1': '669576153137',
  'eu-south-1': '257386234256',
  'eu-west-1': '438346466558',
  'eu-west-2': '644912444149',
  'eu-west-3': '749696950732',
  'me-south-1': '249704162688',
  'sa-east-1': '855470959533',
  'us-east-1': '382416733822',
  'us-east-2': '404615174143',
  'us-west-1': '632365934929',
  'us-west-2': '174872318107',
};

/** Deep Learning Containers: one account for the regions that were there first. */
const DEEP_LEARNING: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'ap-northeast-1',
    'ap-northeast-2',
    'ap-south-1',
    'ap-southeast-1',
    'ap-southeast-2',
    'ca-central-1',
    'eu-central-1',
    'eu-north-1',
    'eu-west-1',
    'eu-west-2',
    'eu-west-3',
    'sa-east-1',
    'us-east-1',
    'us-east-2',
    'us-west-1',
    'us-west-2',
  ].map((region) => [region, '763104351884']),
);

const REGISTRIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'sagemaker-scikit-learn': SCIKIT_LEARN,
  'sagemaker-xgboost': SCIKIT_LEARN,
  'linear-learner': LINEAR_LEARNER,
  'pytorch-training': DEEP_LEARNING,
  'pytorch-inference': DEEP_LEARNING,
};

/** Repositories of AWS's own images that models may be trained and served with. */
export const AWS_REPOSITORIES: readonly string[] = Object.keys(REGISTRIES);

/** @throws {RangeError} AWS publishes no such image in this region, as far as our table knows */
export function awsAccount(repository: string, region: string): string {
  const accounts = REGISTRIES[repository] ?? {};
  if (!Object.hasOwn(accounts, region))
    throw new RangeError(`expected a region where AWS publishes ${repository}, got ${region}`);
  return accounts[region]!;
}

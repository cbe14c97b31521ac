import type { Training } from '../model-definition.ts';

/** AWS's accounts that hold the scikit-learn images, by region (AWS documentation, "Docker Registry Paths and Example Code"). */
const SKLEARN_ACCOUNTS: Readonly<Record<string, string>> = {
  'ap-northeast-1': '354813040037',
  'ap-northeast-2': '366743142698',
  'ap-south-1': '720646828776',
  'ap-southeast-1': '121021644041',
  'ap-southeast-2': '783357654285',
  'ca-central-1': '341280168497',
  'eu-central-1': '492215442770',
  'eu-north-1': '662702820516',
  'eu-west-1': '141502667606',
  'eu-west-2': '764974769150',
  'eu-west-3': '659782779980',
  'sa-east-1': '737474898029',
  'us-east-1': '683313688378',
  'us-east-2': '257758044811',
  'us-west-1': '746614075791',
  'us-west-2': '246618743249',
};

const REPOSITORIES: Readonly<Record<NonNullable<Training['framework']>, string>> = {
  'sklearn-1.2': 'sagemaker-scikit-learn:1.2-1-cpu-py3',
};

/** @throws {RangeError} AWS publishes no such image in this region, as far as this table knows */
export function frameworkImage(framework: NonNullable<Training['framework']>, region: string): string {
  const account = Object.hasOwn(SKLEARN_ACCOUNTS, region) ? SKLEARN_ACCOUNTS[region] : undefined;
  if (account === undefined)
    throw new RangeError(`expected a region with a known image of ${framework}, got ${region}`);
  return `${account}.dkr.ecr.${region}.amazonaws.com/${REPOSITORIES[framework]}`;
}

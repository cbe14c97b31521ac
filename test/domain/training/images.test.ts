import { describe, expect, it } from '@jest/globals';
import { readModelDefinition } from '../../../adapters/yaml-model-definition.ts';
import { imageName, imagesOf } from '../../../domain/training/images.ts';
import { definitionText } from '../../support/release-world.ts';

const images = (training: string, serving = '', region = 'eu-west-1') => {
  const text = definitionText((t) => t.replace('image: "launchway/flight-delays:1"', training)) + serving;
  const { training: trains, serving: serves } = imagesOf(readModelDefinition(text), region);
  return [imageName(trains), imageName(serves)];
};
const FRAMEWORK = 'source: src, entryPoint: train.py';

describe('the images of a model', () => {
  it.each([
    ['image: "team/model:1"', '', ['team/model:1', 'team/model:1']],
    ['image: "team/model:1"', 'serving: { image: "team/serve:2" }', ['team/model:1', 'team/serve:2']],
    [
      `framework: sklearn-1.2, ${FRAMEWORK}`,
      '',
      ['141502667606/sagemaker-scikit-learn:1.2-1-cpu-py3', '141502667606/sagemaker-scikit-learn:1.2-1-cpu-py3'],
    ],
    [
      `framework: xgboost-1.7, ${FRAMEWORK}`,
      '',
      ['141502667606/sagemaker-xgboost:1.7-1', '141502667606/sagemaker-xgboost:1.7-1'],
    ],
    [
      `framework: pytorch-2.3, ${FRAMEWORK}, instance: { types: [ml.g5.xlarge] }`,
      '',
      ['763104351884/pytorch-training:2.3.0-gpu-py311', '763104351884/pytorch-inference:2.3.0-cpu-py311'],
    ],
  ])('of %s are the ones that AWS and the team publish', (training, serving, expected) => {
    expect(images(training, serving)).toEqual(expected);
  });

  it('are looked for in the region', () => {
    expect(images(`framework: sklearn-1.2, ${FRAMEWORK}`, '', 'us-east-1')[0]).toContain('683313688378/');
    expect(() => images(`framework: sklearn-1.2, ${FRAMEWORK}`, '', 'cn-north-1')).toThrow(
      'expected a region where AWS publishes sagemaker-scikit-learn, got cn-north-1',
    );
  });
});

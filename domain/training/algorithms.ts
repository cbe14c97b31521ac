import type { ModelDefinition, Problem } from '../model-definition.ts';

/** SageMaker's built-in algorithms that models may be trained with. Linear Learner answers in JSON, which is not read yet. */
export const ALGORITHMS = ['xgboost-1.7'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** What XGBoost may optimize, by problem, the default first: those whose answer is the score as the pipeline reads it. */
const OBJECTIVES: Readonly<Record<Problem['type'], readonly string[]>> = {
  'binary-classification': ['binary:logistic'],
  regression: ['reg:squarederror', 'reg:logistic', 'reg:gamma', 'reg:tweedie'],
  // Its CSV has a class's probabilities in one quoted cell.
  'multiclass-classification': [],
};

export const objectivesOf = ({ type }: Problem): readonly string[] => OBJECTIVES[type];

/**
 * Which of its answers the container gives, in CSV, one line per row; without it, all rows of a request stand on one line.
 *
 * @see sagemaker-xgboost-container, `algorithm_mode/serve_utils.py`: `SAGEMAKER_INFERENCE_OUTPUT`
 */
export const algorithmServing = ({ problem }: ModelDefinition): Record<string, string> => ({
  SAGEMAKER_INFERENCE_OUTPUT: problem.type === 'regression' ? 'predicted_score' : 'probability',
  SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT: 'text/csv',
});

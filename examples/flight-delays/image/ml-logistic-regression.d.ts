declare module 'ml-logistic-regression' {
  import type { Matrix } from 'ml-matrix';

  interface TwoClassesOptions {
    readonly numSteps: number;
    readonly learningRate: number;
    /** One row; untrained where absent. */
    readonly weights?: readonly (readonly number[])[];
  }

  /** Logistic regression of one class against the other, by full-batch gradient ascent from zero weights. */
  interface TwoClasses {
    readonly weights: Matrix;
    /** @param target a column of 0 and 1 */
    train(features: Matrix, target: Matrix): void;
    /** @returns P(1) by row */
    testScores(features: Matrix): number[];
  }

  export default class LogisticRegression {
    readonly classifiers: readonly TwoClasses[];
    static load(model: {
      readonly name: 'LogisticRegression';
      readonly numberClasses: number;
      readonly classifiers: readonly TwoClassesOptions[];
    }): LogisticRegression;
  }
}

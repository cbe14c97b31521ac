/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  globalSetup: '<rootDir>/test/support/begin-run.js',
  testSequencer: '<rootDir>/test/support/longest-first.js',
  globalTeardown: '<rootDir>/test/support/end-run.js',
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/.launchway', '<rootDir>/build'],
  workerIdleMemoryLimit: '1GB',
  // All cores: jest leaves one idle otherwise, half of a machine with two.
  maxWorkers: '100%',
  testTimeout: 60_000,
};

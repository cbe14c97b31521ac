import { parentPort } from 'node:worker_threads';
import { type DetectorTask, measureDetectors } from './measure-detectors.ts';

parentPort!.on('message', (task: DetectorTask) => parentPort!.postMessage(measureDetectors(task)));

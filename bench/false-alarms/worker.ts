import { parentPort } from 'node:worker_threads';
import { measureTraffic, type TrafficTask } from './measure-traffic.ts';

parentPort!.on('message', (task: TrafficTask) => parentPort!.postMessage(measureTraffic(task)));

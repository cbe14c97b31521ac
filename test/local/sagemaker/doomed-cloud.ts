import { CloudWithFakes, trainingRequest } from './cloud-with-fakes.ts';
import { capture, createEndpoint } from './served-models.ts';

// Run as a process of its own, to be killed: an endpoint with one captured request, and a training job under way.
const fakes = new CloudWithFakes(process.argv[2]);
await createEndpoint(fakes, 'v1', capture());
const { CustomAttributes } = await fakes.call('InvokeEndpoint', {
  EndpointName: 'flights',
  Body: Buffer.from('a'),
  ContentType: 'text/csv',
});
fakes.put('data/train/train.csv', 'a');
const image = fakes.image('slow', { train: '#!/bin/sh\nexec sleep 600' });
fakes.cloud.onEvent((event) => {
  if (event.detail.SecondaryStatus === 'Training') setTimeout(() => console.log(CustomAttributes), 50);
});
await fakes.call('CreateTrainingJob', trainingRequest('job-1', image));

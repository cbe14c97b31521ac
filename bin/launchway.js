#!/usr/bin/env node
// Plain JavaScript, so that an old Node can still say what is wrong.
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `launchway needs Node 24 or newer and found ${process.versions.node}: npm ci installs it here, npx launchway and npm run use it`,
  );
  process.exit(1);
}
process.removeAllListeners('warning'); // node:sqlite announces itself on every start
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') console.error(`${warning.name}: ${warning.message}`);
});
try {
  const { main } = await import('../cli/main.ts');
  await main(process.argv);
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error(`launchway is not installed here yet: run npm ci first (${error.message.split(' imported')[0]})`);
  process.exit(1);
}

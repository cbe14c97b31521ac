// `docker` within a local build: an image is the directory it is built from, and a push hands it to the local registry.
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { callRegistry, fail } from './call.mjs';

const { LAUNCHWAY_IMAGES, LAUNCHWAY_UPLOADS } = process.env;
const KNOWN = join(LAUNCHWAY_IMAGES, 'images.json');

/** Options of `docker build` that take a value and change nothing about a directory. */
const VALUED = new Set(['--build-arg', '--platform', '--progress', '--target', '--label', '--cache-from', '--network']);

const images = () => (existsSync(KNOWN) ? JSON.parse(readFileSync(KNOWN, 'utf8')) : {});
const remember = (name, directory) => writeFileSync(KNOWN, JSON.stringify({ ...images(), [name]: directory }));

/** `name` means `name:latest`; a registry's port is no tag. */
const tagged = (name) => (/:[^/]+$/.test(name) ? name : `${name}:latest`);

function build(args) {
  const tags = [];
  let dockerfile;
  let context;
  for (let i = 0; i < args.length; i++) {
    const [option, inline] = args[i].startsWith('--') ? args[i].split(/=(.*)/s) : [args[i]];
    const value = () => inline ?? args[++i];
    if (option === '-t' || option === '--tag') tags.push(tagged(value()));
    else if (option === '-f' || option === '--file') dockerfile = value();
    else if (VALUED.has(option)) value();
    else if (option.startsWith('-')) continue;
    else context = option;
  }
  if (context === undefined) fail('"docker build" requires exactly 1 argument.');
  const file = dockerfile ?? join(context, 'Dockerfile');
  if (!existsSync(file)) {
    fail(`ERROR: failed to solve: failed to read dockerfile: open ${basename(file)}: no such file or directory`);
  }
  const directory = join(LAUNCHWAY_IMAGES, randomUUID());
  cpSync(resolve(context), directory, { recursive: true, filter: (path) => basename(path) !== '.git' });
  for (const tag of tags) remember(tag, directory);
  console.log(`The image is the directory of ${file}; its instructions are not run here.`);
  console.log(tags.map((tag) => `naming to ${tag} done`).join('\n'));
}

function tag([source, target]) {
  const directory = images()[tagged(source)];
  if (!directory) fail(`Error response from daemon: No such image: ${tagged(source)}`);
  remember(tagged(target), directory);
}

async function push(args) {
  const name = tagged(args.find((arg) => !arg.startsWith('-')) ?? '');
  const directory = images()[name];
  if (!directory) fail(`An image does not exist locally with the tag: ${name}`);
  const [, registry, repositoryName, imageTag] = /^(?:([^/]*[.:][^/]*)\/)?(.+):([^:/]+)$/.exec(name) ?? [];
  if (!registry?.includes('.dkr.ecr.')) fail('denied: requested access to the resource is denied');
  console.log(`The push refers to repository [${registry}/${repositoryName}]`);
  const upload = join(LAUNCHWAY_UPLOADS, randomUUID());
  mkdirSync(LAUNCHWAY_UPLOADS, { recursive: true });
  cpSync(directory, upload, { recursive: true });
  try {
    const imageManifest = JSON.stringify({ directory: upload });
    const { image } = await callRegistry('PutImage', { repositoryName, imageTag, imageManifest });
    console.log(`${imageTag}: digest: ${image.imageId.imageDigest}`);
  } catch (error) {
    fail(error.name.includes('NotFound') ? `name unknown: ${error.message}` : `denied: ${error.message}`);
  }
}

async function login() {
  for await (const _ of process.stdin);
  console.log('Login Succeeded');
}

const [command, ...rest] = process.argv.slice(2);
const COMMANDS = { build, tag, push, login };
if (!Object.hasOwn(COMMANDS, command ?? '')) fail(`docker ${command}: not available in a local build`);
await COMMANDS[command](rest);

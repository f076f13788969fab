#!/usr/bin/env node
// Starts Forecourt on Node 24: TypeScript as it stands in a checkout, built JavaScript in an installed package.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodeMajorMin = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The Node that the devDependency `node` brings, or undefined outside a checkout. */
function pinnedNode() {
  try {
    const binary = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

if (Number(process.versions.node.split('.')[0]) < nodeMajorMin) {
  const newer = pinnedNode();
  if (newer === undefined) {
    process.stderr.write(`forecourt needs Node ${nodeMajorMin} or newer; this is ${process.version}.\n`);
    process.exit(1);
  }
  runOn(newer);
} else {
  await run();
}

/** Runs this program once more on another Node, and ends as it ends; who tells this process to stop is heard by that one. */
function runOn(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  // A terminal sends Ctrl-C to both by itself, and a second one means at once.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  child.on('error', (error) => {
    process.stderr.write(`forecourt: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}

async function run() {
  const source = join(root, 'src', 'cli', 'main.ts');
  const { main } = await import(existsSync(source) ? source : join(root, 'dist', 'cli', 'main.js'));
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`forecourt: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

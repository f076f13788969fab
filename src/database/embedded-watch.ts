import { boundLog, type Launch, launchPostmaster } from './embedded-launch.ts';
import { findPostmaster, isPostmasterOf, signalPostmaster, stopPostmaster } from './embedded-postmaster.ts';
import { reasonOf } from './embedded-refusal.ts';

const watchEveryMs = 500;

/**
 * Starts PostgreSQL again on the same port when its postmaster has died (the kernel was out of memory, somebody killed
 * it), so that the address stays good, and keeps its log bounded. `stop` ends both. A process that exits without
 * `stop` tells PostgreSQL to stop.
 */
export function watchPostmaster(
  launch: Launch & { readonly port: number },
  firstPid: number,
  notice: (sentence: string) => void,
): { stop(): Promise<void> } {
  const { dataFolder } = launch.cluster;
  let pid = firstPid;
  let looking: Promise<void> | undefined;
  let trouble = '';

  async function look(): Promise<void> {
    try {
      await boundLog(launch.logFile);
      if (await isPostmasterOf(pid, dataFolder)) return;
      const dead = pid;
      const next = (await findPostmaster(dataFolder)) ?? (await launchPostmaster(launch));
      pid = next.pid;
      trouble = '';
      notice(`PostgreSQL (process ${dead}) had died and was started again (process ${pid})`);
    } catch (error) {
      // Each trouble is told once, however often it is tried.
      if (trouble === reasonOf(error)) return;
      trouble = reasonOf(error);
      notice(`PostgreSQL cannot be kept running, it is tried again every ${watchEveryMs} ms: ${trouble}`);
    }
  }

  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }, watchEveryMs).unref();
  const tellToStop = () => signalPostmaster(pid, 'SIGINT');
  process.once('exit', tellToStop);

  return {
    async stop() {
      clearInterval(timer);
      await looking;
      process.off('exit', tellToStop);
      await stopPostmaster(pid, dataFolder);
    },
  };
}

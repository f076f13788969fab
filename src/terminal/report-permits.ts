import type { Random } from '../base/random.ts';
import type { Bell } from './bell.ts';
import { type Cloud, callCloud, readProblemCode, withDeadline } from './cloud-call.ts';
import type { Journal } from './journal.ts';
import { pause, type RetryLimits, retryDelayMs, sayError } from './retry.ts';
import { reportsMax, type TerminalReport, terminalReportsAnswerMessage } from './terminal.message.ts';
import type { TerminalLog } from './terminal-log.ts';

export type ReportLimits = { readonly retry: RetryLimits; readonly answerMsMax: number };

export type ReportOptions = {
  readonly cloud: Cloud;
  readonly journal: Journal;
  readonly random: Random;
  readonly log: TerminalLog;
  readonly limits: ReportLimits;
  /** Rings when the journal has got reports. */
  readonly reportsCame: Bell;
  readonly signal: AbortSignal;
};

/**
 * Sends the journal's reports in order, as many at once as wait, until `signal` aborts. Each is sent until the cloud has answered it by
 * name, so it may arrive twice: its `reportId` makes that harmless. A refusal is an answer too, and is kept with the report.
 */
export async function reportPermits(options: ReportOptions): Promise<void> {
  const { journal, random, log, limits, reportsCame, signal } = options;
  let failures = 0;
  let batchMax = reportsMax;
  while (!signal.aborted) {
    try {
      const reports = journal.waitingReports(batchMax);
      if (reports.length === 0) {
        await reportsCame.wait(signal);
        continue;
      }
      const answer = await sendReports(reports, options);
      settle(answer.outcomes, options);
      // A batch that is refused whole goes again one by one, so that one bad report does not hold up its neighbours.
      batchMax = answer.refusedWhole ? 1 : reportsMax;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      log.warn({ error: sayError(error), failures }, 'reports could not be sent; they are kept and sent again');
      await pause(retryDelayMs(failures, limits.retry, random), signal);
    }
  }
}

type Outcome = { readonly reportId: string; readonly outcome: string };
type ReportsAnswer = { readonly outcomes: readonly Outcome[]; readonly refusedWhole: boolean };

/** What the cloud said to each report. Throws where it said nothing to be relied on. */
async function sendReports(reports: readonly TerminalReport[], options: ReportOptions): Promise<ReportsAnswer> {
  const body = Uint8Array.from(Buffer.from(JSON.stringify({ reports })));
  const request = {
    method: 'POST',
    path: 'v1/terminal/reports',
    headers: { 'content-type': 'application/json' },
    body,
  } as const;
  return withDeadline(options.limits.answerMsMax, options.signal, async (deadline) => {
    const response = await callCloud(options.cloud, request, deadline);
    if (!response.ok) return readRefusal(reports, response);
    const { answers } = terminalReportsAnswerMessage.parse(await response.json());
    const sent = new Set(reports.map((report) => report.reportId));
    const outcomes = answers.filter((answer) => sent.has(answer.reportId));
    if (outcomes.length === 0) throw new Error(`the cloud answered none of ${reports.length} reports`);
    return { outcomes, refusedWhole: false };
  });
}

/** Only what the cloud itself finds wrong with the body ends a report; a wrong address, key or a proxy's page does not. */
async function readRefusal(reports: readonly TerminalReport[], response: Response): Promise<ReportsAnswer> {
  const code = await readProblemCode(response);
  const bodyIsWrong = response.status === 400 || response.status === 413 || response.status === 422;
  const [first] = reports;
  if (!bodyIsWrong || code === null || first === undefined)
    throw new Error(`the cloud answered ${response.status} ${code ?? ''}`.trimEnd());
  return { outcomes: reports.length === 1 ? [{ reportId: first.reportId, outcome: code }] : [], refusedWhole: true };
}

function settle(outcomes: readonly Outcome[], { cloud, journal, log }: ReportOptions): void {
  for (const { reportId, outcome } of outcomes) {
    if (outcome !== 'accepted') log.error({ reportId, outcome }, 'the cloud refused a report');
  }
  if (outcomes.length > 0) journal.settleReports(outcomes, cloud.clock());
}

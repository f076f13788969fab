import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../../base/clock.ts';
import { isRefusal, problemOf, type RefusalName } from '../../base/problem.ts';
import type { PermitSlip } from '../../device/receipt.message.ts';
import {
  lastEventPermitHeader,
  type PermitStateInFeed,
  type TerminalReport,
  terminalReportsMessage,
} from '../terminal.message.ts';
import { readTerminalPublicKey } from '../terminal-key.ts';
import { verifyRequest } from '../terminal-signature.ts';

type Answer = (response: ServerResponse) => void;

/** The cloud's end of the wire for the terminal's tests: the feed from a log by `Last-Event-ID`, and the reports, both signed. */
export type WireCloud = {
  readonly url: URL;
  /** Every report as it came, repetitions too. */
  readonly reports: TerminalReport[];
  /** `Last-Event-ID` of every feed that was asked for. */
  readonly cursors: string[];
  /** Answers the next feeds, one each, in place of the log. */
  readonly feedAnswers: Answer[];
  /** Answers the next posts of reports, one each, after the reports were kept. */
  readonly reportAnswers: Answer[];
  /** What a report is answered with; `accepted` where it gives nothing. */
  outcomeOf: (report: TerminalReport) => string;
  enrol(terminalId: string, publicKey: string): void;
  /** `state`: as an event is sent whose permit is no longer fresh. */
  issue(slip: PermitSlip, state?: PermitStateInFeed): void;
  /** The log ends behind its first `kept` events again, as after a backup was put back. */
  restore(kept: number): void;
  revoke(permitId: string): void;
  /** Appends to the log as it stands: `data` may be anything. */
  append(data: string): void;
  /** Resolves when `holds` does; it is asked again whenever something happened. */
  until(holds: () => boolean, what: string): Promise<void>;
  /** What was reported of a permit, in order, each report once however often it came. */
  states(permitId: string): string[];
  /** Breaks every line. */
  cut(): void;
  close(): Promise<void>;
};

const untilMsMax = 8_000;

export async function startWireCloud(clock: Clock = systemClock): Promise<WireCloud> {
  const happened = new EventEmitter().setMaxListeners(100);
  const keys = new Map<string, string>();
  const log: string[] = [];
  const feeds = new Set<ServerResponse>();
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`the server listens at ${address}`);

  const cloud: WireCloud = {
    url: new URL(`http://127.0.0.1:${address.port}`),
    reports: [],
    cursors: [],
    feedAnswers: [],
    reportAnswers: [],
    outcomeOf: () => 'accepted',
    enrol: (terminalId, publicKey) => void keys.set(terminalId, publicKey),
    issue: (slip, state) =>
      cloud.append(JSON.stringify({ sequence: log.length + 1, kind: 'permit.issued', slip, state })),
    restore(kept) {
      log.length = kept;
      cloud.cut();
    },
    revoke: (permitId) => cloud.append(JSON.stringify({ sequence: log.length + 1, kind: 'permit.revoked', permitId })),
    append(data) {
      log.push(data);
      for (const feed of feeds) feed.write(formatEvent(log.length, data));
    },
    async until(holds, what) {
      const signal = AbortSignal.timeout(untilMsMax);
      while (!holds()) {
        await once(happened, 'any', { signal }).catch(() => {
          throw new Error(`waited in vain until ${what}; reports: ${JSON.stringify(cloud.reports)}`);
        });
      }
    },
    states(permitId) {
      const known = new Map(cloud.reports.map((report) => [report.reportId, report]));
      return [...known.values()].filter((report) => report.permitId === permitId).map((report) => report.state);
    },
    cut: () => server.closeAllConnections(),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray());
    const { method = '', url: target = '', headers } = request;
    const terminal = await verifyRequest({ method, target, headers, body }, findTerminal, clock());
    if (isRefusal(terminal)) answerProblem(response, terminal.refusal);
    else if (method === 'GET' && target === '/v1/terminal/feed') serveFeed(headers, response);
    else if (method === 'POST' && target === '/v1/terminal/reports') serveReports(body, response);
    else answerProblem(response, 'not_found');
    happened.emit('any');
  }

  function findTerminal(terminalId: string) {
    const publicKey = readTerminalPublicKey(keys.get(terminalId) ?? '');
    return publicKey === null ? null : { publicKey };
  }

  function serveFeed(headers: IncomingHttpHeaders, response: ServerResponse): void {
    const { 'last-event-id': cursor, [lastEventPermitHeader]: permitId } = headers;
    cloud.cursors.push(String(cursor));
    const answer = cloud.feedAnswers.shift();
    if (answer !== undefined) return answer(response);
    const from = Number(cursor);
    if (from > log.length) return answerProblem(response, 'feed_cursor_ahead');
    if (from > 0 && permitId !== undefined && log[from - 1]?.includes(String(permitId)) !== true)
      return answerProblem(response, 'feed_log_replaced');
    openFeed(response);
    response.write(
      log
        .slice(from)
        .map((data, index) => formatEvent(from + index + 1, data))
        .join(''),
    );
    feeds.add(response);
    response.on('close', () => feeds.delete(response));
  }

  function serveReports(body: Buffer, response: ServerResponse): void {
    const { reports } = terminalReportsMessage.parse(JSON.parse(body.toString()));
    cloud.reports.push(...reports);
    const answer = cloud.reportAnswers.shift();
    if (answer !== undefined) return answer(response);
    const answers = reports.map((report) => ({ reportId: report.reportId, outcome: cloud.outcomeOf(report) }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ answers }));
  }

  return cloud;
}

export const openFeed = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream' }).on('error', () => undefined);

export const formatEvent = (sequence: number, data: string): string => `id: ${sequence}\ndata: ${data}\n\n`;

export function answerProblem(response: ServerResponse, code: RefusalName): void {
  response
    .writeHead(problemOf(code).status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ code }));
}

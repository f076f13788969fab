import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { formatInstant } from '../../base/clock.ts';
import { behaviours, isBehaviour } from './behaviour.ts';
import { pageHtml, pageScript, pageStyle } from './printer-page.text.ts';
import type { PrintedSlip, SimulatedPrinter } from './simulated-printer.ts';

export type ShownPrinter = Pick<
  SimulatedPrinter,
  'host' | 'port' | 'behaviour' | 'setBehaviour' | 'slips' | 'onChange'
>;

export type PrinterPage = { readonly url: string; close(): Promise<void> };

type PageOptions = { readonly host: string; readonly port: number; readonly printer: ShownPrinter };

/**
 * The printer's page: `GET /` for people, `GET /slips` for programs, `GET /slips/N.svg` and `.txt`, `GET /events` (a line on each change),
 * `POST /behaviour/NAME`.
 */
export async function startPrinterPage({ host, port, printer }: PageOptions): Promise<PrinterPage> {
  const server = createServer((request, response) => {
    answer(request, response, printer).catch((error: Error) => response.destroy(error));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error(`the page listens on ${String(address)}, which is no TCP port`);
  return {
    url: `http://${host}:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, printer: ShownPrinter): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://printer');
  if (request.method === 'POST') return changeBehaviour(response, pathname, printer);
  if (request.method !== 'GET') return send(response, 405, 'text/plain', 'only GET and POST\n');
  if (pathname === '/') return send(response, 200, 'text/html', pageHtml(printer));
  if (pathname === '/page.css') return send(response, 200, 'text/css', pageStyle);
  if (pathname === '/page.js') return send(response, 200, 'text/javascript', pageScript);
  if (pathname === '/slips') return send(response, 200, 'application/json', JSON.stringify(describe(printer)));
  if (pathname === '/events') return streamChanges(response, printer);
  return sendSlip(response, pathname, printer);
}

async function changeBehaviour(response: ServerResponse, pathname: string, printer: ShownPrinter): Promise<void> {
  const name = pathname.replace(/^\/behaviour\//, '');
  if (!isBehaviour(name))
    return send(
      response,
      404,
      'text/plain',
      `no behaviour ${JSON.stringify(name)}; there are ${Object.keys(behaviours).join(', ')}\n`,
    );
  await printer.setBehaviour(name);
  return send(response, 200, 'application/json', JSON.stringify({ behaviour: name }));
}

/** Newest first. The QR is the slip's one picture; a slip with none or several has no QR that could be meant. */
function describe(printer: ShownPrinter): object {
  const slips = printer
    .slips()
    .toReversed()
    .map((slip) => {
      const pictures = slip.pictures.map(({ widthDots, heightDots, png }) => ({
        widthDots,
        heightDots,
        png: Buffer.from(png).toString('base64'),
      }));
      const qr = pictures.length === 1 ? (pictures[0]?.png ?? null) : null;
      return {
        number: slip.number,
        at: formatInstant(slip.at),
        columns: slip.columns,
        cuts: slip.cuts,
        text: slip.text,
        pictures,
        qr,
      };
    });
  return { host: printer.host, port: printer.port, behaviour: printer.behaviour(), slips };
}

function sendSlip(response: ServerResponse, pathname: string, printer: ShownPrinter): void {
  const [, number, form] = /^\/slips\/(\d{1,9})\.(svg|txt|png)$/.exec(pathname) ?? [];
  const slip: PrintedSlip | undefined = printer.slips().find((one) => one.number === Number(number));
  const [picture] = slip?.pictures ?? [];
  if (form === 'svg' && slip !== undefined) return send(response, 200, 'image/svg+xml', slip.svg);
  if (form === 'txt' && slip !== undefined) return send(response, 200, 'text/plain', slip.text);
  if (form === 'png' && picture !== undefined) return send(response, 200, 'image/png', picture.png);
  return send(response, 404, 'text/plain', 'no such slip\n');
}

function streamChanges(response: ServerResponse, printer: ShownPrinter): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': the printer tells each change\n\n');
  const stop = printer.onChange(() => void response.write('data: changed\n\n'));
  response.on('close', stop);
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  const contentType = type === 'image/png' ? type : `${type}; charset=utf-8`;
  response.writeHead(status, {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'",
  });
  response.end(body);
}

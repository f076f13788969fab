import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 512 });

export type CallAnswer = { readonly status: number; readonly text: string };

/** One HTTP call over kept connections; a load generator has no cycles to spare for `fetch`. */
export function call(
  method: 'GET' | 'POST',
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | string = '',
): Promise<CallAnswer> {
  return new Promise((resolve, reject) => {
    const length = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(
      {
        agent,
        method,
        host: url.hostname,
        port: url.port,
        path: url.pathname + url.search,
        headers: { ...length, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Follows Server-Sent Events until `stop`; each event's data is handed on. */
export function follow(
  url: URL,
  headers: Readonly<Record<string, string>>,
  heard: (data: string) => void,
): Promise<{ stop(): void }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { method: 'GET', host: url.hostname, port: url.port, path: url.pathname, headers, agent: false },
      (response) => {
        if (response.statusCode !== 200) {
          reject(new Error(`${url.pathname} answers ${response.statusCode}`));
          return;
        }
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
            const at = text.indexOf('data: ');
            if (at !== -1 && at < end) heard(text.slice(at + 6, end));
            text = text.slice(end + 2);
          }
        });
        resolve({ stop: () => void response.destroy() });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

const loopbackHosts = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether an address leads to this machine itself, where a simulator may stand. */
export const isOnThisMachine = ({ hostname }: URL): boolean => loopbackHosts.includes(hostname);

export type UrlSetting = { readonly name: string; readonly text: string; readonly example: string };

/**
 * Where a service is, as the operator wrote it: `https://api.example.com`. Throws an Error that names the setting and says what it must be, in the order of
 * checking: an address, https unless it is this machine, with nothing behind the host.
 */
export function readServiceUrl({ name, text, example }: UrlSetting): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error(`${name} must be an address such as ${example}`);
  if (url.protocol !== 'https:' && !isOnThisMachine(url))
    throw new Error(`${name} must be https: only a simulator on this machine is asked without`);
  if (url.href !== `${url.origin}/`)
    throw new Error(`${name} must end behind the host, as ${example} does: no name, path, query or fragment is used`);
  return url;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readServiceUrl } from './service-url.ts';

const example = 'https://api.example.com';
const read = (text: string): string => readServiceUrl({ name: 'url', text, example }).origin;

test('a service is reached by https, and a simulator on this machine without', () => {
  assert.equal(read('https://api.example.com'), 'https://api.example.com');
  assert.equal(read('https://api.example.com:8443/'), 'https://api.example.com:8443');
  for (const host of ['127.0.0.1', 'localhost', '[::1]'])
    assert.equal(read(`http://${host}:4000`), `http://${host}:4000`);
});

test('what is no address, not https, or has something behind the host is refused in that order, by the name of its setting', () => {
  const wrong = [
    ['', /^url must be an address such as https:\/\/api\.example\.com$/],
    ['api.example.com', /^url must be an address/],
    ['ftp://api.example.com/x', /^url must be an address/],
    ['http://api.example.com/x', /^url must be https/],
    ['http://127.0.0.1.example.com', /^url must be https/],
    ['http://10.0.0.7', /^url must be https/],
    ['https://api.example.com/v3', /^url must end behind the host, as https:\/\/api\.example\.com does/],
    ['https://api.example.com/?', /^url must end/],
    ['https://api.example.com?a=1', /^url must end/],
    ['https://api.example.com#top', /^url must end/],
    ['https://name:word@api.example.com', /^url must end/],
    ['http://localhost:4000/v3', /^url must end/],
  ] as const;
  for (const [text, message] of wrong) assert.throws(() => read(text), { message }, text);
});

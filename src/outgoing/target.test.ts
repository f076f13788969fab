import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayConnect, readTarget, type TargetRefusal } from './target.ts';

const refusalOf = (url: string, loopback = false): TargetRefusal | null => {
  const target = readTarget(url, loopback);
  return 'refused' in target ? target.refused : null;
};

test('https to a name or a public address may be a target', () => {
  for (const url of [
    'https://hooks.chain.example/fuel?shop=7',
    'https://hooks.chain.example:8443/',
    'https://hooks.chain.example:443/',
    'https://8.8.8.8/events',
    'https://[2606:4700:4700::1111]/events',
    'https://加油.example/',
  ])
    assert.equal(refusalOf(url), null, url);
});

test('what is wrong with a URL is told in the order of checking', () => {
  const cases: readonly (readonly [string, TargetRefusal])[] = [
    ['hooks.chain.example', 'url_unreadable'],
    ['https://', 'url_unreadable'],
    ['https://[fe80::1%25eth0]/', 'url_unreadable'],
    [`http://u:p@10.0.0.1:22/${'a'.repeat(2_048)}#x`, 'url_too_long'],
    ['http://u:p@10.0.0.1:22/#x', 'url_not_https'],
    ['ftp://hooks.chain.example/', 'url_not_https'],
    ['file:///etc/passwd', 'url_not_https'],
    ['https://u:p@10.0.0.1:22/#x', 'url_has_credentials'],
    ['https://u@hooks.chain.example/', 'url_has_credentials'],
    ['https://10.0.0.1:22/#x', 'url_has_fragment'],
    ['https://10.0.0.1:22/', 'url_port_refused'],
    ['https://hooks.chain.example:25/', 'url_port_refused'],
    ['https://hooks.chain.example:80/', 'url_port_refused'],
    ['https://10.0.0.1/', 'url_address_refused'],
  ];
  for (const [url, refusal] of cases) assert.equal(refusalOf(url), refusal, url);
});

/** First and last of each range, its neighbours outside where they are public, and the well-known ones inside. */
const inside: readonly (readonly [string, readonly string[]])[] = [
  ['this network', ['0.0.0.0', '0.255.255.255']],
  ['private', ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255']],
  ['shared by a carrier', ['100.64.0.0', '100.100.100.200', '100.127.255.255']],
  ['loopback', ['127.0.0.0', '127.0.0.1', '127.255.255.255', '::1']],
  ['link-local', ['169.254.0.0', '169.254.169.254', '169.254.255.255', 'fe80::1', 'fe80::1%eth0', 'febf:ffff::1']],
  ['metadata of clouds', ['168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254']],
  ['special purposes', ['192.0.0.0', '192.0.0.255', '192.0.2.1', '198.18.0.0', '198.19.255.255', '198.51.100.1']],
  ['more special purposes', ['203.0.113.1', '192.88.99.1', '192.31.196.1', '192.52.193.1', '192.175.48.1']],
  ['multicast', ['224.0.0.0', '239.255.255.255', 'ff02::1', 'ff0e::1']],
  ['reserved', ['240.0.0.0', '255.255.255.255']],
  ['unspecified', ['::']],
  ['unique local', ['fc00::', 'fdff:ffff:ffff::1']],
  ['IPv4-mapped', ['::ffff:10.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '::127.0.0.1']],
  ['NAT64', ['64:ff9b::a00:1', '64:ff9b::808:808', '64:ff9b:1::a9fe:a9fe']],
  ['6to4 and Teredo', ['2002:a00:1::', '2002:7f00:1::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2']],
  ['IETF, documentation, AS112', ['2001:1::1', '2001:1ff::1', '2001:db8::1', '3fff::1', '2620:4f:8000::1']],
  ['not in use', ['100::1', '1::1', '4000::1', '5f00::1', 'fec0::1']],
  ['no address', ['', 'localhost', '8.8.8.8.8', '1.2.3', '08.8.8.8']],
];

const outside = [
  '1.0.0.0',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '168.63.129.15',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2001:200::1',
  '2003::1',
  '2400:3200::1',
  '2606:4700:4700::1111',
  '3ffe::1',
];

test('no event goes to an address inside, in whatever form it is written', () => {
  for (const [why, addresses] of inside)
    for (const address of addresses) assert.equal(mayConnect(address, false), false, `${why}: ${address}`);
});

test('public addresses next to those are let through', () => {
  for (const address of outside) assert.equal(mayConnect(address, false), true, address);
});

test('an address inside is refused in a URL too, as a number, in octal or in hex', () => {
  for (const host of [
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '169.254.169.254',
    '0xa9fea9fe',
    '[::ffff:169.254.169.254]',
    '[::1]',
    '127.0.0.1.',
  ])
    assert.equal(refusalOf(`https://${host}/`), 'url_address_refused', host);
});

test('this machine is a target only where that is allowed, by http too, and nothing else inside is', () => {
  for (const url of [
    'http://127.0.0.1:8080/',
    'http://localhost:8080/',
    'http://[::1]:8080/',
    'https://127.0.0.1:8443/',
  ])
    assert.deepEqual([refusalOf(url) === null, refusalOf(url, true)], [false, null], url);
  for (const [url, refusal] of [
    ['http://hooks.chain.example:8080/', 'url_not_https'],
    ['http://10.0.0.1:8080/', 'url_not_https'],
    ['https://10.0.0.1/', 'url_address_refused'],
    ['https://[::ffff:127.0.0.1]/', 'url_address_refused'],
    ['http://127.0.0.1:22/', 'url_port_refused'],
  ] as const)
    assert.equal(refusalOf(url, true), refusal, url);
});

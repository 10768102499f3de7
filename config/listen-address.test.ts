import { expect, test } from 'vitest';
import { ConfigFault } from './fault.ts';
import { readListenAddress } from './listen-address.ts';

test.each([
  ['127.0.0.1:9464', '127.0.0.1', 9464],
  [' 0.0.0.0:1 ', '0.0.0.0', 1],
  ['localhost:65535', 'localhost', 65_535],
  ['[::1]:9464', '::1', 9464],
])('%s is where to listen', (text, host, port) => {
  expect(readListenAddress(text, 'telemetry.metrics')).toEqual({ host, port });
});

test.each([
  '9464',
  ':9464',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '::1:9464',
  'http://x:1',
  'a b:1',
])('%s is refused', (text) => {
  const refused = () => readListenAddress(text, 'telemetry.metrics');
  expect(refused).toThrow(ConfigFault);
  expect(refused).toThrow('an address and a port to listen on, such as 127.0.0.1:9464');
});

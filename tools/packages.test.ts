import { afterEach, expect, test, vi } from 'vitest';
import { ensurePackages, missingServers } from './packages.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('where nothing can be installed one sentence names the packages and the command', async () => {
  vi.stubEnv('PATH', '/nowhere');
  await expect(ensurePackages(['samba'])).rejects.toThrow(
    /^Needed here and not installed: samba; .*"sudo apt-get install --no-install-recommends samba-ad-dc .*openssl"\.$/,
  );
});

test('only servers that lack something are missing', async () => {
  vi.stubEnv('PATH', '/nowhere');
  expect(await missingServers(['samba'])).toEqual(['samba']);
  expect(await missingServers([])).toEqual([]);
});

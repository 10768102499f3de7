import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDirectory } from '../directory/open.ts';
import type { DirectorySettings } from '../model/settings.ts';
import { freePort } from '../tools/server-process.ts';
import { lookUpDirectory, NOW, readDirectory } from './support/directory.ts';
import { ldifPeople } from './support/ldif.ts';
import { type Slapd, startSlapd } from './support/slapd.ts';
import { listenSilently, proxyTo } from './support/tcp.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const PEOPLE = 1200;

let slapd: Slapd;

beforeAll(async () => {
  slapd = await startSlapd({ sizeLimit: 500 });
  await slapd.load(ldifPeople(PEOPLE, slapd.agents));
});

afterAll(() => slapd.stop());

const limited = (): Partial<DirectorySettings> => ({
  bindDn: slapd.limited.dn,
  bindPassword: { read: () => slapd.limited.password },
});

/** An error with a code and a sentence. */
const failing = (code: string, sentence: string) => ({ code, message: expect.stringContaining(sentence) as string });

describe('what cannot work is refused before anything is contacted', () => {
  const unreachable = { urls: ['ldap://127.0.0.1:1'] };

  it('a filter with a fault', async () => {
    const settings = slapd.settings({ ...unreachable, filter: '(cn=a' });
    await expect(readDirectory(settings)).rejects.toMatchObject(
      failing('directory.filter', 'a closing parenthesis is missing'),
    );
  });

  it('a password in clear text to another host', async () => {
    const settings = slapd.settings({ urls: ['ldap://dc1.corp.example'] });
    await expect(readDirectory(settings)).rejects.toMatchObject(failing('config.invalid', 'in clear text'));
  });

  it('a url of another kind', async () => {
    const settings = slapd.settings({ urls: ['https://dc1.corp.example'] });
    await expect(readDirectory(settings)).rejects.toMatchObject(
      failing('config.invalid', 'no ldap:// or ldaps:// url'),
    );
  });

  it('an empty password, which some servers take for an anonymous bind', async () => {
    const settings = slapd.settings({ ...unreachable, bindPassword: { read: () => '' } });
    await expect(readDirectory(settings)).rejects.toMatchObject(failing('directory.credentials', 'password is empty'));
  });
});

describe('a connection is refused', () => {
  it('with a wrong password', async () => {
    const settings = slapd.settings({ bindPassword: { read: () => 'wrong-secret' } });
    const failure = readDirectory(settings);
    await expect(failure).rejects.toMatchObject(failing('directory.credentials', 'check bindDn and bindPassword'));
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('wrong-secret') as string });
  });

  it('to a server whose authority is not known, by ldaps and by StartTLS', async () => {
    const other = await startSlapd();
    try {
      const tls = { ca: slapd.authority.pem, verify: true, serverName: null };
      const sentence = failing('directory.certificate', 'tls.caFile');
      await expect(readDirectory(other.settings({ tls }))).rejects.toMatchObject(sentence);
      await expect(readDirectory(other.settings({ tls, urls: [other.url], startTls: true }))).rejects.toMatchObject(
        sentence,
      );
      await expect(readDirectory(other.settings({ tls: { ...tls, ca: null } }))).rejects.toMatchObject(sentence);
      expect(await readDirectory(other.settings({ tls: { ...tls, verify: false } }))).toMatchObject({ read: 0 });
    } finally {
      await other.stop();
    }
  });

  it('to a server with an expired certificate', async () => {
    const other = await startSlapd({ validCertificate: false });
    try {
      await expect(readDirectory(other.settings())).rejects.toMatchObject(
        failing('directory.certificate', 'has expired'),
      );
    } finally {
      await other.stop();
    }
  });

  it('to a server with a certificate for another name, unless that name is configured', async () => {
    const other = await startSlapd({ certificateHosts: ['ldap.corp.example'] });
    try {
      const startTls = { urls: [other.url], startTls: true };
      const sentence = failing('directory.certificate', 'made out to another name');
      await expect(readDirectory(other.settings())).rejects.toMatchObject(sentence);
      await expect(readDirectory(other.settings(startTls))).rejects.toMatchObject(sentence);
      const tls = { ca: other.authority.pem, verify: true, serverName: 'ldap.corp.example' };
      expect(await readDirectory(other.settings({ tls }))).toMatchObject({ read: 0 });
      expect(await readDirectory(other.settings({ ...startTls, tls }))).toMatchObject({ read: 0 });
    } finally {
      await other.stop();
    }
  });

  it('where nothing listens', async () => {
    const port = await freePort();
    const settings = slapd.settings({ urls: [`ldaps://127.0.0.1:${port}`] });
    await expect(readDirectory(settings)).rejects.toMatchObject({
      ...failing('directory.unreachable', 'nothing listens'),
      retryable: true,
    });
  });

  it('where TLS meets a plain port, and the other way round', async () => {
    const tlsToPlain = slapd.settings({ urls: [slapd.url.replace('ldap:', 'ldaps:')] });
    await expect(readDirectory(tlsToPlain)).rejects.toMatchObject(
      failing('directory.unreachable', 'check port and scheme'),
    );
    const plainToTls = slapd.settings({ urls: [slapd.ldapsUrl.replace('ldaps:', 'ldap:')], startTls: true });
    await expect(readDirectory(plainToTls)).rejects.toMatchObject(
      failing('directory.unreachable', 'check port and scheme'),
    );
  });

  it('by a server that answers nothing, within the budget', async () => {
    const silent = await listenSilently();
    try {
      const settings = slapd.settings({ urls: [silent.url, silent.url] });
      await expect(readDirectory(settings, { budgetMs: 600 })).rejects.toMatchObject(
        failing('directory.unreachable', 'no answer within'),
      );
    } finally {
      await silent.close();
    }
  });

  it('but the next server is tried, even after one that answers nothing', async () => {
    const silent = await listenSilently();
    try {
      const settings = slapd.settings({ urls: ['ldaps://127.0.0.1:1', silent.url, slapd.ldapsUrl] });
      const directory = await openDirectory(settings, { attributes: [], now: NOW, budgetMs: 6000 });
      expect(directory.server).toBe(slapd.ldapsUrl);
      await directory.close();
    } finally {
      await silent.close();
    }
  });

  it('when the caller gives up', async () => {
    const silent = await listenSilently();
    try {
      const signal = AbortSignal.timeout(100);
      const opening = openDirectory(slapd.settings({ urls: [silent.url] }), { attributes: [], now: NOW, signal });
      await expect(opening).rejects.toMatchObject({ name: 'TimeoutError' });
    } finally {
      await silent.close();
    }
  });
});

describe('a read fails', () => {
  it('at a size limit in the middle of paging', async () => {
    const directory = await openDirectory(slapd.settings({ ...limited(), pageSize: 200 }), {
      attributes: ['cn'],
      now: NOW,
    });
    let seen = 0;
    const reading = async (): Promise<void> => {
      for await (const entry of directory.read().entries) seen += entry.anchor === '' ? 0 : 1;
    };
    await expect(reading()).rejects.toMatchObject(
      failing('directory.size-limit', 'ask for an unlimited size limit for the bind account'),
    );
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(PEOPLE);
    await directory.close();
  });

  it('at a base that does not exist, whatever the other bases hold', async () => {
    const bases = [slapd.agents, `ou=Nowhere,${slapd.suffix}`];
    await expect(readDirectory(slapd.settings({ bases }))).rejects.toMatchObject(
      failing('directory.base-missing', 'ou=Nowhere'),
    );
  });

  it('at a base that the server refers elsewhere or that is no DN', async () => {
    await expect(readDirectory(slapd.settings({ bases: ['dc=other,dc=example'] }))).rejects.toMatchObject({
      code: 'directory.base-missing',
    });
    await expect(readDirectory(slapd.settings({ bases: ['Agents'] }))).rejects.toMatchObject({
      code: 'directory.base-missing',
    });
  });

  it('when the connection is cut in the middle', async () => {
    const proxy = await proxyTo(slapd.port, 100_000);
    try {
      const settings = slapd.settings({ urls: [proxy.url], startTls: true });
      await expect(readDirectory(settings)).rejects.toMatchObject({
        ...failing('directory.interrupted', 'must start anew'),
        retryable: true,
      });
    } finally {
      await proxy.close();
    }
  });

  it('when the server is killed in the middle', async () => {
    const directory = await openDirectory(slapd.settings({ pageSize: 10 }), { attributes: ['cn'], now: NOW });
    const reading = async (): Promise<void> => {
      let seen = 0;
      for await (const { anchor } of directory.read().entries) {
        seen += 1;
        if (seen === 5 && anchor !== '') await slapd.kill();
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'directory.interrupted' });
    await expect(directory.lookup([NOBODY])).rejects.toMatchObject({ code: 'directory.interrupted' });
    await directory.close();
    await slapd.start();
  });

  it('when the caller gives up', async () => {
    const cancel = new AbortController();
    const directory = await openDirectory(slapd.settings({ pageSize: 10 }), { attributes: [], now: NOW });
    const reason = new Error('cancelled');
    const reading = async (): Promise<void> => {
      for await (const { anchor } of directory.read({ signal: cancel.signal }).entries)
        cancel.abort(anchor === '' ? null : reason);
    };
    await expect(reading()).rejects.toBe(reason);
    await directory.close();
  });
});

describe('rights that hide something', () => {
  const reader = 'by dn.exact="cn=rollcall,ou=Services,dc=corp,dc=example"';

  async function withAccess<T>(access: string[], work: (other: Slapd) => Promise<T>): Promise<T> {
    const other = await startSlapd({ access, ldif: ldifPeople(3, 'ou=Agents,dc=corp,dc=example') });
    try {
      return await work(other);
    } finally {
      await other.stop();
    }
  }

  it('a hidden entryUUID fails the read', async () => {
    await withAccess([`access to attrs=entryUUID ${reader} none by * break`], async (other) => {
      await expect(readDirectory(other.settings())).rejects.toMatchObject(
        failing('directory.refused', 'without entryUUID'),
      );
    });
  });

  it('who may see just his base can still tell who left it', async () => {
    const access = [
      'access to attrs=userPassword by anonymous auth by * none',
      `access to dn.subtree="ou=Agents,dc=corp,dc=example" ${reader} read by * none`,
      `access to dn.subtree="dc=corp,dc=example" ${reader} none by * break`,
    ];
    await withAccess(access, async (other) => {
      const [first] = (await readDirectory(other.settings())).entries;
      const settings = other.settings({ filter: `(!(entryUUID=${first!.anchor}))` });
      const sightings = await lookUpDirectory(settings, [first!.anchor, NOBODY]);
      expect(sightings).toMatchObject([{ anchor: first!.anchor, inScope: false }]);
    });
  });

  it('who sees nobody can prove nobody gone', async () => {
    const access = [
      'access to attrs=userPassword by anonymous auth by * none',
      `access to dn.subtree="dc=corp,dc=example" attrs=entry ${reader} search by * break`,
      `access to dn.subtree="dc=corp,dc=example" ${reader} search by * break`,
    ];
    await withAccess(access, async (other) => {
      expect(await readDirectory(other.settings())).toMatchObject({ read: 0 });
      await expect(lookUpDirectory(other.settings(), [NOBODY])).rejects.toMatchObject(
        failing('directory.implausible', 'nobody can be proved gone'),
      );
    });
  });
});

it('a certificate authority that is no PEM is told as such', async () => {
  const ca = slapd.authority.pem.replace(/\n(.{20})/, '\n####$1');
  const settings = slapd.settings({ tls: { ca, verify: true, serverName: null } });
  await expect(readDirectory(settings)).rejects.toMatchObject({ code: 'directory.certificate' });
});

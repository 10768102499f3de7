import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anchorBytes } from '../directory/anchor.ts';
import type { DirectorySettings } from '../model/settings.ts';
import { lookUpDirectory, named, readDirectory } from './support/directory.ts';
import { type Attributes, ldifEntry } from './support/ldif.ts';
import { type Samba, startSamba } from './support/samba.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const MANY = 1050;

let samba: Samba;

beforeAll(async () => {
  samba = await startSamba();
});

afterAll(() => samba.stop());

/** `objectGUID` as samba-tool prints it. */
async function guidOf(account: string): Promise<string> {
  const shown = await samba.tool('user', 'show', account, '--attributes=objectGUID');
  return /^objectGUID: (\S+)$/m.exec(shown)![1]!;
}

/** A unit of its own below the domain; returns its DN. */
async function unit(name: string): Promise<string> {
  const dn = `OU=${name},${samba.suffix}`;
  await samba.asAdmin((client) => client.add(dn, { objectClass: 'organizationalUnit', ou: name }));
  return dn;
}

async function replace(dn: string, type: string, values: string[] | Buffer[]): Promise<void> {
  const change = new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
  await samba.asAdmin((client) => client.modify(dn, change));
}

const below = (base: string, more: Partial<DirectorySettings> = {}): DirectorySettings =>
  samba.settings({ bases: [base], ...more });

describe('a read', () => {
  it('has the anchors that samba-tool shows, by ldaps and by StartTLS', async () => {
    const base = await unit('Anchors');
    for (const name of ['Ann', 'Bob', 'Cem']) await samba.addUser(name, { mail: `${name}@corp.example` }, base);
    const expected = await Promise.all(['Ann', 'Bob', 'Cem'].map(guidOf));
    const byLdaps = await readDirectory(below(base));
    const byStartTls = await readDirectory(below(base, { urls: [samba.plainUrl], startTls: true }));
    expect(byLdaps.entries.map(({ anchor }) => anchor).toSorted()).toEqual(expected.toSorted());
    expect(byStartTls.entries).toEqual(byLdaps.entries);
    expect(named(byLdaps, 'ann')).toMatchObject({
      vendor: 'ad',
      directory: 'corp-ad',
      attributes: { mail: ['Ann@corp.example'] },
    });
  });

  it('takes the stamp from uSNChanged, which a change of the entry moves', async () => {
    const base = await unit('Stamps');
    const dn = await samba.addUser('Stamped', {}, base);
    const [before] = (await readDirectory(below(base))).entries;
    await replace(dn, 'title', ['Agent']);
    const [after] = (await readDirectory(below(base))).entries;
    expect(Number(after!.stamp)).toBeGreaterThan(Number(before!.stamp));
  });

  it('has the SID, those before it and the time of creation that samba-tool shows, where it is not a sweep', async () => {
    const base = await unit('Provenance');
    const former = ['S-1-5-21-2127521184-1604012920-1887927527-72713', 'S-1-5-21-3623822279-3361027964-30300820-1013'];
    const account = { objectClass: 'user', userAccountControl: '66080' };
    const people = [
      ldifEntry(`CN=Migrated,${base}`, { ...account, sAMAccountName: 'migrated', sIDHistory: former }),
      ldifEntry(`CN=Native,${base}`, { ...account, sAMAccountName: 'native' }),
    ];
    await samba.load(people.join('\n'));
    const result = await readDirectory(below(base));
    for (const [name, formerSids] of [
      ['migrated', former],
      ['native', []],
    ] as const) {
      const shown = await samba.tool('user', 'show', name, '--attributes=objectSid,whenCreated');
      const { provenance } = named(result, name);
      expect(provenance?.formerSids.toSorted()).toEqual(formerSids);
      expect(provenance?.sid).toBe(/^objectSid: (\S+)$/m.exec(shown)![1]);
      const created = provenance?.createdAt?.replaceAll(/[-:T]|\.000/g, '').replace('Z', '.0Z');
      expect(created).toBe(/^whenCreated: (\S+)$/m.exec(shown)![1]);
    }
    const sweep = await readDirectory(below(base), { light: true });
    expect(sweep.entries.map(({ provenance }) => provenance)).toEqual([undefined, undefined]);
  });

  it('returns everybody over many pages', async () => {
    const base = await unit('Many');
    const people = Array.from({ length: MANY }, (_, n) =>
      ldifEntry(`CN=many${n},${base}`, { objectClass: 'user', sAMAccountName: `many${n}`, userAccountControl: '514' }),
    );
    await samba.load(people.join('\n'));
    const { entries, read, inScope } = await readDirectory(below(base, { pageSize: 200 }));
    expect({ read, inScope, different: new Set(entries.map(({ anchor }) => anchor)).size }).toEqual({
      read: MANY,
      inScope: MANY,
      different: MANY,
    });
  });

  it('of the whole domain takes people alone and reports the referrals', async () => {
    const base = await unit('Kinds');
    await samba.addUser('Person', {}, base);
    const others: Record<string, Attributes> = {
      Contact: { objectClass: 'contact' },
      Computer: { objectClass: 'computer', sAMAccountName: 'PC1$' },
      Group: { objectClass: 'group', sAMAccountName: 'Group' },
    };
    for (const [name, attributes] of Object.entries(others)) {
      await samba.asAdmin((client) => client.add(`CN=${name},${base}`, attributes));
    }
    expect((await readDirectory(below(base))).entries.map(({ attributes }) => attributes['cn'])).toEqual([['Person']]);
    const whole = await readDirectory(below(samba.suffix));
    expect(whole.referrals).toHaveLength(3);
    const names = whole.entries.map(({ attributes }) => attributes['cn']?.[0]);
    expect(names).toContain('svc-rollcall');
    expect(names).not.toContain('Administrator');
    expect(names).not.toContain('krbtgt');
    expect(names).not.toContain('DC1');
  });

  it('fetches the rest of a list of values that came in a range', async () => {
    const base = await unit('Ranges');
    const values = Array.from({ length: 25 }, (_, n) => `+49 30 ${1000 + n}`);
    await samba.addUser('Ranged', { otherTelephone: values }, base);
    const attributes = ['*', 'otherTelephone;range=0-9'];
    const [entry] = (await readDirectory(below(base), { attributes })).entries;
    expect(entry!.attributes['othertelephone']?.toSorted()).toEqual(values.toSorted());
    expect(Object.keys(entry!.attributes).filter((name) => name.includes(';'))).toEqual([]);
  });

  it('leaves binary attributes out', async () => {
    const base = await unit('Binary');
    await samba.addUser('Binary', { thumbnailPhoto: 'abc' }, base);
    const attributes = ['objectGUID', 'objectSid', 'thumbnailPhoto', 'sAMAccountName'];
    const [entry] = (await readDirectory(below(base), { attributes })).entries;
    expect(entry!.attributes).toEqual({ samaccountname: ['Binary'] });
  });

  it('fails at a base that does not exist, also where AD would refer elsewhere', async () => {
    await expect(readDirectory(below(`OU=Nowhere,${samba.suffix}`))).rejects.toMatchObject({
      code: 'directory.base-missing',
    });
    await expect(readDirectory(below('OU=Agents,DC=other,DC=example'))).rejects.toMatchObject({
      code: 'directory.base-missing',
    });
  });
});

it('enabled follows userAccountControl and accountExpires', async () => {
  const base = await unit('Enabled');
  const filetime = (iso: string): string => String((BigInt(Date.parse(iso)) + 11_644_473_600_000n) * 10_000n);
  const people: Record<string, Attributes> = {
    works: {},
    'works-forever': { userAccountControl: '66048' },
    'never-expires': { accountExpires: '0' },
    disabled: { userAccountControl: '514' },
    'disabled-too': { userAccountControl: '66050' },
    expired: { accountExpires: filetime('2026-11-01T00:00:00Z') },
    expiring: { accountExpires: filetime('2026-12-01T00:00:00Z') },
    'must-change': { pwdLastSet: '0' },
  };
  for (const [name, attributes] of Object.entries(people)) await samba.addUser(name, attributes, base);
  const { entries, read, inScope } = await readDirectory(below(base));
  expect({ read, inScope }).toEqual({ read: 8, inScope: 8 });
  const states = Object.fromEntries(
    entries.map(({ attributes, disabledBecause, dueAt }) => [attributes['cn']![0], [disabledBecause, dueAt]]),
  );
  expect(states).toEqual({
    works: [null, null],
    'works-forever': [null, null],
    'never-expires': [null, null],
    disabled: ['userAccountControl says disabled', null],
    'disabled-too': ['userAccountControl says disabled', null],
    expired: ['accountExpires has passed', null],
    expiring: [null, '2026-12-01T00:00:00.000Z'],
    'must-change': [null, null],
  });
});

describe('a lookup', () => {
  it('tells who is in scope, who is elsewhere and who is gone', async () => {
    const base = await unit('Lookup');
    const names = ['Stays', 'Moves', 'Goes', 'Disabled-here'];
    for (const name of names) {
      await samba.addUser(name, { userAccountControl: name === 'Disabled-here' ? '514' : '512' }, base);
    }
    const anchors = await Promise.all(names.map(guidOf));
    const [stays, moves, goes, disabled] = anchors as [string, string, string, string];
    await samba.asAdmin((client) => client.modifyDN(`CN=Moves,${base}`, `CN=Moved,OU=Others,${samba.suffix}`));
    await samba.asAdmin((client) => client.del(`CN=Goes,${base}`));
    const sightings = await lookUpDirectory(below(base), [...anchors, NOBODY]);
    expect(Object.fromEntries(sightings.map(({ anchor, inScope }) => [anchor, inScope]))).toEqual({
      [stays]: true,
      [moves]: false,
      [disabled]: true,
    });
    expect(sightings.some(({ anchor }) => anchor === goes)).toBe(false);
    expect(sightings.find(({ anchor }) => anchor === moves)?.dn).toBe(`CN=Moved,OU=Others,${samba.suffix}`);
  });

  it('knows people by a configured anchor, and the others by their own', async () => {
    const base = await unit('Consistency');
    const chosen = 'a1b2c3d4-e5f6-4000-8000-00000000000a';
    const dn = await samba.addUser('Chosen', {}, base);
    await samba.addUser('Plain', {}, base);
    await replace(dn, 'mS-DS-ConsistencyGuid', [anchorBytes(chosen)]);
    const settings = below(base, { anchor: 'mS-DS-ConsistencyGuid' });
    const own = await guidOf('Plain');
    const result = await readDirectory(settings);
    expect([named(result, 'chosen').anchor, named(result, 'plain').anchor]).toEqual([chosen, own]);
    expect((await readDirectory(settings, { anchors: [chosen] })).entries.map(({ anchor }) => anchor)).toEqual([
      chosen,
    ]);
    await samba.asAdmin((client) => client.modifyDN(dn, `CN=Chosen,OU=Others,${samba.suffix}`));
    const sightings = await lookUpDirectory(settings, [chosen, own, NOBODY]);
    expect(sightings.map(({ anchor, inScope }) => [anchor, inScope])).toEqual([
      [chosen, false],
      [own, true],
    ]);
  });
});

describe('a bind is refused', () => {
  const refused = async (account: string, password: string): Promise<unknown> =>
    readDirectory(samba.settings({ bindDn: `${account}@corp.example`, bindPassword: { read: () => password } })).catch(
      (error: unknown) => error,
    );
  const sentence = (text: string) => ({
    code: 'directory.credentials',
    message: expect.stringContaining(text) as string,
  });

  it('with a wrong password', async () => {
    expect(await refused('svc-rollcall', 'wrong')).toMatchObject(sentence('password is wrong'));
  });

  it('of a disabled, of an expired account, and of one that must change its password', async () => {
    await samba.addUser('bind-disabled', { userAccountControl: '514' });
    await samba.addUser('bind-expired', { accountExpires: '133485408000000000' });
    await samba.addUser('bind-change', { pwdLastSet: '0' });
    for (const name of ['bind-disabled', 'bind-expired', 'bind-change']) {
      await replace(`CN=${name},${samba.agents}`, 'userPrincipalName', [`${name}@corp.example`]);
    }
    expect(await refused('bind-disabled', 'User-passw0rd')).toMatchObject(sentence('is disabled'));
    expect(await refused('bind-expired', 'User-passw0rd')).toMatchObject(sentence('account has expired'));
    expect(await refused('bind-change', 'User-passw0rd')).toMatchObject(sentence('must change its password'));
  });

  it('without TLS', async () => {
    await expect(readDirectory(samba.settings({ urls: [samba.plainUrl] }))).rejects.toMatchObject({
      code: 'directory.refused',
      message: expect.stringContaining('startTls: true') as string,
    });
  });
});

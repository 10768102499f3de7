import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dnKey } from '../directory/dn.ts';
import type { DirectorySettings } from '../model/settings.ts';
import { lookUpDirectory, named, readDirectory } from './support/directory.ts';
import { ldifEntry, ldifPeople } from './support/ldif.ts';
import { type Slapd, startSlapd } from './support/slapd.ts';

const run = promisify(execFile);
const NOBODY = '00000000-0000-4000-8000-000000000000';
const PEOPLE = 2345;

let slapd: Slapd;

beforeAll(async () => {
  slapd = await startSlapd({ msuser: true });
  const { suffix, agents } = slapd;
  const person = (rdn: string, more: Record<string, string | string[]> = {}, unit = agents): string =>
    ldifEntry(`${rdn},${unit}`, {
      objectClass: 'inetOrgPerson',
      sn: 'x',
      ...(rdn.startsWith('cn') ? {} : { cn: 'x' }),
      ...more,
    });
  await slapd.load(
    [
      ldifPeople(PEOPLE, agents),
      ldifEntry(`ou=Team,${agents}`, { objectClass: 'organizationalUnit', ou: 'Team' }),
      ldifEntry(`ou=Odd,${suffix}`, { objectClass: 'organizationalUnit', ou: 'Odd' }),
      person('uid=teamed', {}, `ou=Team,${agents}`),
      person('uid=svc-backup'),
      person('uid=SVC-scan'),
      person('cn=Lee\\, Ann', { description: ['b', 'a', 'c'], mail: 'ann@corp.example' }, `ou=Odd,${suffix}`),
      person('cn=Jürgen \\+ Co', { manager: `CN=Lee\\2C  Ann, ou=odd,${suffix.toUpperCase()}` }, `ou=Odd,${suffix}`),
      person('uid=odd', { description: ['x'.repeat(100_000), 'A\0nn\tLee', 'שלום 😀'] }, `ou=Odd,${suffix}`),
      person('uid=photo', { jpegPhoto: '\0'.repeat(200_000) }, `ou=Odd,${suffix}`),
    ].join('\n'),
  );
});

afterAll(() => slapd.stop());

const odd = (more: Partial<DirectorySettings> = {}): DirectorySettings =>
  slapd.settings({ bases: [`ou=Odd,${slapd.suffix}`], ...more });

async function ldapsearch(base: string, filter: string, ...attributes: string[]): Promise<string> {
  const { dn, password } = slapd.admin;
  const args = ['-x', '-LLL', '-o', 'ldif-wrap=no', '-H', slapd.url, '-D', dn, '-w', password, '-b', base, filter];
  return (await run('ldapsearch', [...args, ...attributes], { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

async function anchorOf(filter: string): Promise<string> {
  return /^entryUUID: (\S+)$/m.exec(await ldapsearch(slapd.suffix, filter, 'entryUUID'))![1]!;
}

describe('a read', () => {
  it('returns everybody over many pages, with the anchors and stamps that ldapsearch shows', async () => {
    const { entries, read, inScope } = await readDirectory(slapd.settings({ pageSize: 500 }));
    expect({ read, inScope }).toEqual({ read: PEOPLE + 3, inScope: PEOPLE + 3 });
    const shown = await ldapsearch(slapd.agents, '(objectClass=person)', 'entryUUID', 'entryCSN');
    const anchors = [...shown.matchAll(/^entryUUID: (.+)$/gm)].map((match) => match[1]!);
    const stamps = [...shown.matchAll(/^entryCSN: (.+)$/gm)].map((match) => match[1]!);
    expect(entries.map(({ anchor }) => anchor).toSorted()).toEqual(anchors.toSorted());
    expect(entries.map(({ stamp }) => stamp).toSorted()).toEqual(stamps.toSorted());
  });

  it('has the time of creation that ldapsearch shows', async () => {
    const base = `ou=Team,${slapd.agents}`;
    const [entry] = (await readDirectory(slapd.settings({ bases: [base] }))).entries;
    const shown = await ldapsearch(base, '(uid=teamed)', 'createTimestamp');
    expect(entry?.provenance).toMatchObject({ sid: null, formerSids: [] });
    const created = entry?.provenance?.createdAt?.replaceAll(/[-:T]|\.000/g, '');
    expect(created).toBe(/^createTimestamp: (\S+)$/m.exec(shown)![1]);
  });

  it('goes by StartTLS as well', async () => {
    const settings = slapd.settings({ urls: [slapd.url], startTls: true, bases: [`ou=Team,${slapd.agents}`] });
    expect(await readDirectory(settings)).toMatchObject({
      read: 1,
      entries: [{ vendor: 'openldap', directory: 'corp-ldap' }],
    });
  });

  it('takes an entry that lies in several bases once', async () => {
    const bases = [slapd.suffix, slapd.agents, `ou=Team,${slapd.agents}`, slapd.agents.toUpperCase()];
    const { read, inScope, entries } = await readDirectory(slapd.settings({ bases, filter: '(!(uid=agent*))' }));
    expect({ read, inScope, entries: entries.length }).toEqual({ read: 7, inScope: 7, entries: 7 });
  });

  it('counts excluded entries as read, not as in scope', async () => {
    const result = await readDirectory(slapd.settings({ filter: '(!(uid=agent*))', exclude: ['UID=svc-*'] }));
    expect(result).toMatchObject({ read: 3, inScope: 1 });
    expect(named(result, 'teamed').dn).toBe(`uid=teamed,ou=Team,${slapd.agents}`);
  });

  it('gives values in order, odd and huge ones too, and only of the attributes asked for', async () => {
    const result = await readDirectory(odd(), { attributes: ['Description', 'jpegPhoto'] });
    expect(named(result, 'lee\\, ann').attributes).toEqual({ description: ['b', 'a', 'c'] });
    expect(named(result, 'odd').attributes).toEqual({ description: ['x'.repeat(100_000), 'A\0nn\tLee', 'שלום 😀'] });
    expect(named(result, 'photo').attributes).toEqual({});
  });

  it('knows a manager by DN however server and typist spell it', async () => {
    const result = await readDirectory(odd(), { attributes: ['manager'] });
    const [manager] = named(result, 'jürgen \\+ co').attributes['manager']!;
    expect(dnKey(manager!)).toBe(named(result, 'lee\\, ann').dnKey);
  });

  it('takes hex pairs of a filter as bytes', async () => {
    expect(await readDirectory(odd({ filter: '(cn=J\\c3\\bcrgen*)' }))).toMatchObject({ read: 1 });
  });

  it('of anchors returns those in scope', async () => {
    const anchors = [await anchorOf('(uid=agent00001)'), await anchorOf('(uid=odd)'), NOBODY];
    const { entries } = await readDirectory(slapd.settings(), { anchors });
    expect(entries.map(({ anchor }) => anchor)).toEqual([anchors[0]]);
    expect((await readDirectory(slapd.settings(), { anchors: [] })).read).toBe(0);
  });

  it('of many anchors returns them all', async () => {
    const anchors = (await readDirectory(slapd.settings({ filter: '(uid=agent000*)' }))).entries.map(
      ({ anchor }) => anchor,
    );
    expect(anchors).toHaveLength(99);
    expect((await readDirectory(slapd.settings(), { anchors })).entries.map(({ anchor }) => anchor).toSorted()).toEqual(
      anchors.toSorted(),
    );
  });

  it('reports referrals and goes on', async () => {
    const dn = `ou=Elsewhere,ou=Others,${slapd.suffix}`;
    const referral = ldifEntry(dn, {
      objectClass: ['referral', 'extensibleObject'],
      ou: 'Elsewhere',
      ref: 'ldap://other.example/dc=x',
    });
    const person = ldifEntry(`uid=near,ou=Others,${slapd.suffix}`, { objectClass: 'inetOrgPerson', cn: 'x', sn: 'x' });
    await slapd.load(`${referral}\n${person}`);
    const result = await readDirectory(slapd.settings({ bases: [`ou=Others,${slapd.suffix}`] }));
    expect(result).toMatchObject({ read: 1, referrals: [expect.stringContaining('ldap://other.example/')] });
  });
});

describe('enabled', () => {
  it('follows ppolicy, dates and the configured attribute', async () => {
    const unit = `ou=Enabled,${slapd.suffix}`;
    await slapd.add(unit, { objectClass: 'organizationalUnit', ou: 'Enabled' });
    const people: Record<string, Record<string, string>> = {
      works: {},
      'locked-out': { pwdAccountLockedTime: '20261123115900Z' },
      'locked-for-good': { pwdAccountLockedTime: '000001010000Z' },
      ended: { pwdEndTime: '20261101000000Z' },
      ending: { pwdEndTime: '20261201000000Z' },
      starting: { pwdStartTime: '20261201000000Z' },
      left: { employeeType: 'Inactive' },
      hired: { departmentNumber: '2026-12-01' },
    };
    await slapd.load(
      Object.entries(people)
        .map(([uid, more]) =>
          ldifEntry(`uid=${uid},${unit}`, { objectClass: 'inetOrgPerson', cn: uid, sn: 'x', ...more }),
        )
        .join('\n'),
    );
    const { entries } = await readDirectory(
      slapd.settings({
        bases: [unit],
        disabledWhen: { attribute: 'employeeType', equals: ['inactive'] },
        startsAt: { attribute: 'departmentNumber', leadMs: 86_400_000 },
      }),
    );
    const states = Object.fromEntries(
      entries.map(({ attributes, enabled, dueAt }) => [attributes['cn']![0], [enabled, dueAt]]),
    );
    expect(states).toEqual({
      works: [true, null],
      'locked-out': [true, null],
      'locked-for-good': [false, null],
      ended: [false, null],
      ending: [true, '2026-12-01T00:00:00.000Z'],
      starting: [false, '2026-12-01T00:00:00.000Z'],
      left: [false, null],
      hired: [false, '2026-11-30T00:00:00.000Z'],
    });
  });
});

describe('a lookup', () => {
  const modify = (rdn: string, parent: string, to: string): Promise<void> =>
    slapd.asAdmin((client) => client.modifyDN(`${rdn},${parent}`, `${rdn},${to}`));

  it('tells who is in scope, who is elsewhere and who is gone', async () => {
    const uids = ['agent00011', 'agent00012', 'agent00013', 'agent00014', 'svc-backup'];
    const anchors = await Promise.all(uids.map((uid) => anchorOf(`(uid=${uid})`)));
    const [stays, moves, goes, changes, excluded] = anchors as [string, string, string, string, string];
    await modify('uid=agent00012', slapd.agents, `ou=Others,${slapd.suffix}`);
    await slapd.asAdmin((client) => client.del(`uid=agent00013,${slapd.agents}`));
    const settings = slapd.settings({ filter: '(!(uid=agent00014))', exclude: ['uid=svc-*'] });
    const sightings = await lookUpDirectory(settings, [...anchors, NOBODY]);
    expect(Object.fromEntries(sightings.map(({ anchor, inScope }) => [anchor, inScope]))).toEqual({
      [stays]: true,
      [moves]: false,
      [changes]: false,
      [excluded]: false,
    });
    expect(sightings.some(({ anchor }) => anchor === goes)).toBe(false);
    expect(sightings.find(({ anchor }) => anchor === moves)?.dn).toBe(`uid=agent00012,ou=Others,${slapd.suffix}`);
  });

  it('of nobody finds nobody', async () => {
    expect(await lookUpDirectory(slapd.settings(), [])).toEqual([]);
  });
});

describe('a configured anchor', () => {
  const TEXT = 'A1B2C3D4-0000-4000-8000-00000000000A';
  const settings = (anchor: string): DirectorySettings => slapd.settings({ anchor, filter: '(uid=anchored*)' });

  beforeAll(async () => {
    const person = { objectClass: 'inetOrgPerson', cn: 'x', sn: 'x' };
    await slapd.add(`uid=anchored1,${slapd.agents}`, { ...person, employeeNumber: TEXT });
    await slapd.add(`uid=anchored2,${slapd.agents}`, person);
  });

  it('gives the anchor where an entry has it; others fall back to the own one', async () => {
    const result = await readDirectory(settings('employeeNumber'));
    const own = await anchorOf('(uid=anchored2)');
    expect(named(result, 'anchored1').anchor).toBe(TEXT.toLowerCase());
    expect(named(result, 'anchored2').anchor).toBe(own);
    const sightings = await lookUpDirectory(settings('employeeNumber'), [TEXT.toLowerCase(), own, NOBODY]);
    expect(sightings.map(({ anchor, inScope }) => [anchor, inScope])).toEqual([
      [TEXT.toLowerCase(), true],
      [own, true],
    ]);
  });

  it('does not hide somebody known by the own one from before', async () => {
    const own = await anchorOf('(uid=anchored1)');
    expect(await lookUpDirectory(settings('employeeNumber'), [own])).toMatchObject([{ anchor: own, inScope: true }]);
  });

  it('that is no UUID fails the read', async () => {
    await expect(readDirectory(settings('cn'))).rejects.toMatchObject({
      code: 'directory.unsupported',
      message: expect.stringContaining('holds no UUID in cn') as string,
    });
  });

  it('that two entries share fails the read', async () => {
    const person = { objectClass: 'inetOrgPerson', cn: 'x', sn: 'x', employeeNumber: TEXT };
    await slapd.add(`uid=anchored3,${slapd.agents}`, person);
    await expect(readDirectory(settings('employeeNumber'))).rejects.toMatchObject({ code: 'directory.implausible' });
    await slapd.asAdmin((client) => client.del(`uid=anchored3,${slapd.agents}`));
  });

  it('that cannot be searched by value proves nobody gone', async () => {
    const user = {
      objectClass: 'user',
      cn: 'Unsearchable',
      sn: 'x',
      instanceType: '4',
      nTSecurityDescriptor: 'x',
      objectCategory: slapd.suffix,
      userPrincipalName: TEXT,
    };
    await slapd.add(`cn=Unsearchable,ou=Odd,${slapd.suffix}`, user);
    const unsearchable = odd({ anchor: 'userPrincipalName' });
    expect(named(await readDirectory(unsearchable), 'unsearchable').anchor).toBe(TEXT.toLowerCase());
    await expect(lookUpDirectory(unsearchable, [TEXT.toLowerCase()])).rejects.toMatchObject({
      code: 'directory.unsupported',
      message: expect.stringContaining('cannot be searched by value') as string,
    });
  });
});

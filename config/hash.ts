import { createHash } from 'node:crypto';
import type { Settings } from '../model/settings.ts';
import { isObject } from './fault.ts';

/**
 * SHA-256 (hex) over what decides a plan: directories (whom they hold, not how they are reached), mapping,
 * defaultRegion, identity and leavers. Values after defaults, keys in any order: spelling out a default changes nothing.
 */
export function hashOf(settings: Omit<Settings, 'hash'>): string {
  const directories = settings.directories.map((directory) => {
    const { urls: _urls, startTls: _startTls, tls: _tls, allowPlain: _plain, ...rest } = directory;
    const { bindPassword: _password, pageSize: _pageSize, ...scope } = rest;
    return scope;
  });
  const { mapping, defaultRegion, identity } = settings;
  // What is given back to returners decides no plan.
  const { restoreOnReturn: _restored, ...leavers } = settings.leavers;
  const decisive = { directories, mapping, defaultRegion, groupMemberships: [], identity, leavers };
  return createHash('sha256').update(canonical(decisive)).digest('hex');
}

/** JSON with the keys of every object sorted. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(',')}}`;
}

import type { Limit, SafetySettings } from '../model/settings.ts';
import { milliseconds } from './durations.ts';
import { fail, keyOf } from './fault.ts';
import type { Config } from './schema.ts';
import { isDn } from './shapes.ts';

const ANCHOR = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function buildSafety(config: Config['safety']): SafetySettings {
  config.canaries.forEach((canary, index) => {
    const key = keyOf('safety.canaries', index);
    if (!ANCHOR.test(canary) && !isDn(canary)) fail(key, 'must be a DN, or an anchor in the form of a UUID.');
  });
  return {
    firstRun: config.firstRun,
    deactivations: { ...buildLimit(config.deactivations), windowMs: milliseconds(config.deactivations.window) },
    recycles: { max: config.recycles.max, windowMs: milliseconds(config.recycles.window) },
    creates: buildLimit(config.creates),
    updates: buildLimit(config.updates),
    approvalTimeoutMs: milliseconds(config.approvalTimeout),
    minimumEntries: config.minimumEntries,
    maximumDropPercent: config.maximumDrop,
    canaries: config.canaries,
    graceMs: milliseconds(config.grace),
  };
}

function buildLimit({ max, percent, floor }: { max: number; percent: number | 'none'; floor: number }): Limit {
  return { max, percent: percent === 'none' ? null : percent, floor };
}

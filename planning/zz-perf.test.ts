import { test } from 'vitest';
import { assignWaves } from '/work/main/planning/zz-old.ts';
test('perf', () => {
  const n = 1_000_000;
  const rows = Array.from({ length: n }, (_, i) => ({ anchor: `p${i}`, kind: 'create' as const, references: i > 0 ? [`p${Math.floor(i / 10)}`] : [], genesysId: null, awaits: null, frees: false }));
  const t = performance.now(); assignWaves(rows); console.log('ms', performance.now() - t, process.memoryUsage().rss / 1e6);
});

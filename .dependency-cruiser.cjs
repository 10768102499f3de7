/**
 * Which room may import which. A room is a folder of the repository's root; every room may import `model/`, which
 * imports nothing. A new room is unknown here and may import nothing until it is added.
 */
const ROOMS = {
  model: [],
  directory: [],
  mapping: [],
  planning: [],
  genesys: [],
  state: [],
  temporal: [],
  telemetry: [],
  simulator: [],
  workflows: [],
  config: ['mapping'],
  activities: ['directory', 'genesys', 'state', 'mapping', 'planning'],
  worker: ['temporal', 'telemetry', 'config', 'state', 'workflows', 'activities', 'genesys'],
  client: ['temporal', 'telemetry', 'config', 'state', 'workflows'],
  tools: [],
  demo: ['tools', 'simulator', 'test/support'],
};

/** Rooms without input or output, and the packages they may use. */
const PURE = {
  mapping: ['libphonenumber-js', 'zod', 'yaml', 'fastest-levenshtein', 'picomatch'],
  planning: ['libphonenumber-js', 'picomatch'],
};

const TEST = '\\.test\\.ts$';
/** The command that speaks to directory and Genesys itself. */
const CHECK = ['^client/check', '^client/.+/check'];
/** The command that looks into the directory, to tell why somebody is in scope or not and what he maps to. */
const EXPLAIN = ['^client/explain/', '^client/commands/explain'];
const anyOf = (names) => `^(${names.join('|')})/`;
const npm = (names) => `(^|/)node_modules/(${names.join('|')})(/|$)`;

/** What any room's product code may import of the repository's own. */
const reachable = (room, more = []) => anyOf([room, 'model', ...ROOMS[room], ...more]);

/** Repository files, as opposed to packages and Node's own modules. */
const OWN = { dependencyTypes: ['local', 'localmodule'] };

const arrows = Object.keys(ROOMS).flatMap((room) => [
  {
    name: `arrows-of-${room}`,
    comment: `${room}/ may import ${['model', ...ROOMS[room]].filter((name) => name !== room).join(', ') || 'nothing'}.`,
    severity: 'error',
    from: {
      path: `^${room}/`,
      // The type-only arrow of workflows and the wider ones of `check` and `explain` have rules of their own.
      pathNot: room === 'client' ? [TEST, ...CHECK, ...EXPLAIN] : [TEST],
    },
    to: { ...OWN, pathNot: room === 'workflows' ? `${reachable(room)}|^activities/` : reachable(room) },
  },
  {
    name: `arrows-of-tests-in-${room}`,
    comment: `A test of ${room}/ may besides import test/support, tools and the simulator.`,
    severity: 'error',
    from: { path: `^${room}/.*${TEST}` },
    to: { ...OWN, pathNot: reachable(room, ['test/support', 'tools', 'simulator']) },
  },
]);

const purity = Object.entries(PURE).flatMap(([room, packages]) => [
  {
    name: `${room}-without-node`,
    comment: `${room}/ is pure: no module of Node.`,
    severity: 'error',
    from: { path: `^${room}/`, pathNot: TEST },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: `${room}-packages`,
    comment: `${room}/ is pure: of packages only ${packages.join(', ')}.`,
    severity: 'error',
    from: { path: `^${room}/`, pathNot: TEST },
    to: { path: 'node_modules/', pathNot: npm(packages) },
  },
]);

module.exports = {
  forbidden: [
    ...arrows,
    ...purity,
    {
      name: 'model-imports-nothing',
      severity: 'error',
      from: { path: '^model/', pathNot: TEST },
      to: { pathNot: '^model/' },
    },
    {
      name: 'workflows-know-activities-by-type',
      comment: 'Activities do input and output; a workflow bundle with them does not load.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflows-are-deterministic',
      comment: 'Workflow code runs in a sandbox: no module of Node, of packages only what Temporal made for it.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: TEST },
      to: { dependencyTypes: ['core', 'npm'], pathNot: npm(['@temporalio/workflow', '@temporalio/common']) },
    },
    {
      name: 'arrows-of-check',
      comment: 'Of the commands `check` alone speaks to Genesys itself, and to the directory besides `explain`.',
      severity: 'error',
      from: { path: CHECK, pathNot: TEST },
      to: { ...OWN, pathNot: reachable('client', ['directory', 'genesys', 'mapping']) },
    },
    {
      name: 'arrows-of-explain',
      comment: '`explain` besides reads the directory and maps an entry; it never speaks to Genesys.',
      severity: 'error',
      from: { path: EXPLAIN, pathNot: TEST },
      to: { ...OWN, pathNot: reachable('client', ['directory', 'mapping']) },
    },
    {
      name: 'known-rooms',
      comment: 'Every file stands in a room of this list, in test/ or at the top.',
      severity: 'error',
      from: { path: '^[^/]+/', pathNot: anyOf([...Object.keys(ROOMS), 'test']) },
      to: {},
    },
    {
      name: 'inside-the-project',
      severity: 'error',
      from: {},
      to: { path: '^\\.\\./', pathNot: '(^|/)node_modules/', couldNotResolve: false },
    },
    {
      name: 'no-cycles',
      comment: 'Imports of types alone vanish: a workflow may name its parent to start it with checked arguments.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'product-without-development-packages',
      severity: 'error',
      from: { path: anyOf(Object.keys(ROOMS).filter((room) => room !== 'tools' && room !== 'demo')), pathNot: TEST },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};

/** Which way imports may point; dependency-cruiser reads it. The picture is in CONTRIBUTING.md. */
const TESTS = '\\.test\\.ts$';
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule(
      'no-circular',
      'Two files that need each other are one file, or miss a third.',
      {},
      {
        circular: true,
        // Types alone exist for the compiler only; they cannot make a cycle that runs.
        viaOnly: { dependencyTypesNot: ['type-only'] },
      },
    ),
    rule(
      'contract-is-alone',
      'The contract imports nothing outside itself.',
      { path: '^engine/contract/', pathNot: TESTS },
      {
        pathNot: '^engine/contract/',
      },
    ),
    rule(
      'engine-knows-no-host',
      'The engine runs in any host and under any window.',
      { path: '^engine/', pathNot: TESTS },
      {
        path: '^(main|renderer|test)/|^node_modules/electron/|^electron$',
      },
    ),
    rule(
      'window-knows-the-contract-only',
      'The window reaches the engine through the bridge.',
      { path: '^renderer/' },
      {
        path: '^(main|engine)/',
        pathNot: '^engine/contract/',
      },
    ),
    rule(
      'window-is-no-node',
      'The window runs in a browser.',
      { path: '^renderer/', pathNot: TESTS },
      {
        dependencyTypes: ['core'],
      },
    ),
    rule(
      'main-knows-no-window',
      'The hosts serve the built window as files.',
      { path: '^main/', pathNot: TESTS },
      { path: '^renderer/' },
    ),
    rule(
      'one-door-to-the-engine',
      'The hosts use engine/index.ts, the look without an engine, the contract and its checks, compose files, notations, and the reader of archives.',
      { path: '^main/', pathNot: TESTS },
      {
        path: '^engine/',
        pathNot:
          '^engine/(index\\.ts|peek\\.ts|contract/|api/|host/|compose/|notation/|images/archive/tar-reader\\.ts)',
      },
    ),
    rule(
      'drivers-do-not-meet',
      'A driver knows driver.ts, never another driver.',
      { path: '^engine/drivers/([^/]+)/.+', pathNot: TESTS },
      {
        path: '^engine/drivers/[^/]+/',
        pathNot: '^engine/drivers/$1/',
      },
    ),
    rule(
      'guests-are-blind-to-drivers',
      'The life of a guest knows the interface only.',
      { path: '^engine/guests/', pathNot: TESTS },
      {
        path: '^engine/drivers/[^/]+/',
      },
    ),
    rule(
      'ui-knows-no-state',
      'The widgets get everything as properties.',
      { path: '^renderer/ui/' },
      {
        path: '^renderer/(state|bridge)/',
      },
    ),
    rule(
      'programs-start-in-one-place',
      'host/process.ts is the door to child_process.',
      {
        path: '^engine/',
        pathNot: `^engine/host/|${TESTS}`,
      },
      { path: '^(node:)?child_process$' },
    ),
    rule(
      'electron-in-its-room',
      'Electron is imported in main/electron only.',
      { path: '^(main|engine|renderer)/', pathNot: '^main/electron/' },
      {
        path: '^electron$|^node_modules/electron/',
      },
    ),
    rule(
      'set-up-needs-nothing',
      'It runs before anything is installed.',
      { path: '^main/setup/', pathNot: TESTS },
      {
        pathNot: '^main/setup/',
        dependencyTypesNot: ['core'],
      },
    ),
    rule(
      'no-missing-package',
      'An import must name something that is there.',
      { pathNot: TESTS },
      { couldNotResolve: true, pathNot: '^electron$' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules/.cache)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.svelte'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'svelte', 'browser', 'node', 'default', 'types'],
    },
  },
};

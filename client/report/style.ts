/** The page's looks: light or dark as the reader's system has it; fit for print. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1d2330; --quiet: #5b6475; --line: #dde2ea; --card: #f5f7fa; --page: #fff;
  --applied: #2f855a; --parked: #c05621; --held: #6b46c1; --superseded: #8a94a6; --planned: #2b6cb0; --bad: #c53030; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --quiet: #9aa4b5; --line: #333b4a; --card: #1f2530;
  --page: #14181f; --applied: #48bb78; --parked: #ed8936; --held: #9f7aea; --superseded: #718096; --planned: #4299e1;
  --bad: #fc8181; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 2rem 1.25rem; }
h1 { font-size: 1.6rem; margin: 0; } h1::first-letter { text-transform: uppercase; }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
.quiet, small { color: var(--quiet); } small { overflow-wrap: anywhere; }
.error { color: var(--bad); } code { overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: .75rem; margin: 1.5rem 0 0; }
.facts div { background: var(--card); border-radius: 8px; padding: .6rem .9rem; }
.facts dt { color: var(--quiet); font-size: .85rem; } .facts dd { margin: 0; font-size: 1.4rem; font-weight: 600; }
.chart { width: 100%; max-width: 720px; font-size: 14px; } .chart text { fill: var(--ink); }
.legend span { margin-right: 1.25rem; } .legend i { display: inline-block; width: .8em; height: .8em;
  margin-right: .4em; border-radius: 2px; background: var(--planned); }
rect { fill: var(--planned); }
rect.applied { fill: var(--applied); } i.applied { background: var(--applied); }
rect.parked { fill: var(--parked); } i.parked { background: var(--parked); }
rect.held { fill: var(--held); } i.held { background: var(--held); }
rect.superseded { fill: var(--superseded); } i.superseded { background: var(--superseded); }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; color: var(--quiet); font-weight: 500; }
th, td { padding: .5rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td ul { list-style: none; margin: 0; padding: 0; } td b { font-weight: 500; color: var(--quiet); }
del { color: var(--bad); text-decoration: none; } ins { color: var(--applied); text-decoration: none; }
.badge { font-size: .8rem; font-weight: 600; white-space: nowrap; padding: .1rem .55rem; border-radius: 999px;
  border: 1px solid currentColor; color: var(--planned); vertical-align: middle; }
.badge.applied, .badge.completed { color: var(--applied); } .badge.held { color: var(--held); }
.badge.parked, .badge.cancelled, .badge.warning { color: var(--parked); }
.badge.failed, .badge.problem { color: var(--bad); } .badge.superseded, .badge.skipped { color: var(--superseded); }
@media print { main { max-width: none; padding: 0; } tr { break-inside: avoid; } }
`;

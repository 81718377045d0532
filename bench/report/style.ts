import { Markup } from './html.js';

/** Of the whole page, on light and dark screens, wide and narrow ones. */
export const STYLE = new Markup(`<style>
:root { color-scheme: light dark; --back: #fbfbfa; --card: #fff; --text: #1d2126; --faint: #5b636d; --line: #dfe2e6; --met: #0b7a4b; --missed: #b3401c; --link: #1f6fb2; }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --card: #1c2024; --text: #e4e7ea; --faint: #a0a8b1; --line: #343a41; --met: #4cc38a; --missed: #ff8a5c; --link: #6cb2ee; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
main.several { max-width: 1560px; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 1rem 0 .5rem; }
h2 { font-size: 1.35rem; margin: 3rem 0 .5rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; }
p { max-width: 72ch; margin: .5rem 0; }
a { color: var(--link); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .75rem 0; font-size: .92rem; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
.runs { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; }
@media (min-width: 1100px) { .several .runs { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
figure { margin: .5rem 0; padding: .75rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; min-width: 0; }
figcaption { font-size: .88rem; color: var(--faint); margin-bottom: .35rem; }
.plot, .wide { overflow-x: auto; }
.plot svg { display: block; width: 100%; min-width: 540px; max-width: 860px; height: auto; font-family: system-ui, sans-serif; }
.legend { display: flex; flex-wrap: wrap; gap: .15rem .9rem; padding: 0; margin: .25rem 0; list-style: none; color: var(--text); }
.legend i { display: inline-block; width: .8em; height: .8em; border-radius: 50%; margin-right: .35em; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { color: var(--faint); }
.number { text-align: right; white-space: nowrap; }
small { color: var(--faint); }
summary { cursor: pointer; color: var(--link); font-size: .88rem; }
.remark { font-size: .85rem; color: var(--faint); }
.met { color: var(--met); white-space: nowrap; } .missed { color: var(--missed); white-space: nowrap; font-weight: 600; }
.busy { color: var(--missed); }
@media (max-width: 540px) { dl { grid-template-columns: 1fr; } dt { margin-top: .4rem; } tbody th { min-width: 9rem; } }
@media print { details { display: block; } figure { break-inside: avoid; } }
</style>`);

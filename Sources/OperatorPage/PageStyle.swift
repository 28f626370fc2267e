extension Page {
    package static let style = """
        :root {
          color-scheme: light dark;
          --ground: #f4f5f7; --panel: #fff; --line: #dfe2e7; --text: #1b1f24; --dim: #5b6470;
          --good: #146c2e; --warning: #8a5a00; --bad: #b3261e; --accent: #1a5fb4;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #14171a; --panel: #1d2125; --line: #32383f; --text: #e4e7ea; --dim: #9aa4af;
            --good: #6cc585; --warning: #e2b254; --bad: #ff8a80; --accent: #78aeed;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; padding: 1rem; max-width: 90rem; background: var(--ground); color: var(--text);
          font: 0.875rem/1.45 system-ui, sans-serif;
        }
        h1, h2, p, dl, dd { margin: 0; }
        h1 { font-size: 1.25rem; overflow-wrap: anywhere; }
        h2 { font-size: 0.8125rem; font-weight: 600; color: var(--dim); }
        code { font: 0.8125rem ui-monospace, monospace; }
        header { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: baseline; margin-bottom: 1rem; }
        header p, small, .note { color: var(--dim); }
        .clock { margin-left: auto; }
        #time, #now, .n { font-variant-numeric: tabular-nums; }
        .badge { border: 1px solid; border-radius: 1rem; padding: 0 0.625rem; font-weight: 600; }
        header .good, .live.on { color: var(--good); }
        header .warning, dd.warning { color: var(--warning); }
        header .bad, dd.bad, .tile.bad .value, .live.off { color: var(--bad); }
        .live::before { content: "● "; }
        .tiles, .panels { display: grid; gap: 0.75rem; margin-bottom: 0.75rem; }
        .tiles { grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); }
        .panels { grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); align-items: start; }
        .tile, section:not(.tiles) {
          background: var(--panel); border: 1px solid var(--line); border-radius: 0.375rem; padding: 0.75rem;
          min-width: 0; position: relative;
        }
        .value { font-size: 1.75rem; font-weight: 600; line-height: 1.3; }
        .tile svg {
          position: absolute; right: 0.75rem; bottom: 0.75rem; width: 45%; height: 2.75rem; overflow: visible;
        }
        polyline { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
        dl { margin-top: 0.375rem; }
        dl div, tbody tr { border-top: 1px solid var(--line); }
        dl div { display: flex; gap: 1rem; justify-content: space-between; padding: 0.25rem 0; }
        dl div:first-child { border: 0; }
        dt { color: var(--dim); }
        dd { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        meter { width: 5rem; }
        .scroll { overflow-x: auto; margin-top: 0.375rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: 0.25rem 1rem 0.25rem 0; white-space: nowrap; }
        th { font-weight: 400; color: var(--dim); }
        th:last-child, td:last-child { padding-right: 0; }
        .n { text-align: right; }
        .none { color: var(--dim); }
        .tile.wide { grid-column: 1 / -1; }
        @media (min-width: 64rem) { .tile.wide { grid-column: span 2; } }
        @media (max-width: 30rem) { th, td { padding-right: 0.5rem; } }

        """
}

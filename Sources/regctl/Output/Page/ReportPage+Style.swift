extension ReportPage {
  /// The look of the page: in both colour schemes of a screen, and in print.
  static let styleSheet: StaticString = """

    :root {
      --page: #f6f8fa; --card: #ffffff; --text: #1f2328; --quiet: #59636e; --edge: #d1d9e0;
      --good: #0969da; --waiting: #9a6700; --bad: #cf222e; --past: #6e7781; --step: #8250df;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --page: #010409; --card: #0d1117; --text: #e6edf3; --quiet: #9198a1; --edge: #3d444d;
        --good: #4493f8; --waiting: #d29922; --bad: #f85149; --past: #8b949e; --step: #a371f7;
      }
    }
    * { box-sizing: border-box; }
    html { color-scheme: light dark; }
    body {
      margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--page);
      color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
    }
    h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0 0; }
    h2 { font-size: 1.15rem; margin: 0 0 0.5rem; }
    h3 { font-size: 1rem; margin: 1rem 0 0.25rem; }
    p { margin: 0 0 0.5rem; }
    header p, footer p, dt { color: var(--quiet); }
    main { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
    section {
      background: var(--card); border: 1px solid var(--edge); border-radius: 0.5rem; padding: 1rem;
    }
    dl {
      display: grid; gap: 0.75rem 1rem; margin: 0 0 1rem;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 9.5rem), 1fr));
    }
    dt { font-size: 0.85rem; }
    dd { margin: 0; line-height: 1.3; }
    dd strong { display: block; font-size: 1.2rem; }
    dd span { font-size: 0.85rem; }
    .attention { margin: 0; padding-left: 1.25rem; }
    code { font: 0.85em ui-monospace, monospace; }
    code span { white-space: nowrap; }
    footer { margin-top: 1rem; font-size: 0.85rem; }
    figure { margin: 1rem 0; }
    figcaption { font-size: 0.85rem; font-weight: 600; margin: 0 0 0.25rem; }
    svg { display: block; width: 100%; height: auto; max-width: 40rem; overflow: visible; }
    svg text { font: 11px system-ui, sans-serif; fill: var(--quiet); }
    .end { text-anchor: end; }
    .middle { text-anchor: middle; }
    .grid { stroke: var(--edge); stroke-width: 0.5; }
    .axis { stroke: var(--quiet); stroke-width: 1; }
    .share { stroke: var(--good); stroke-width: 1.5; fill: none; stroke-linecap: round; }
    .note { fill: transparent; }
    .note:hover { fill: var(--edge); fill-opacity: 0.5; }
    .fill-good { fill: var(--good); }
    .fill-waiting { fill: var(--waiting); }
    .fill-bad { fill: var(--bad); }
    .fill-past { fill: var(--past); }
    .fill-step { fill: var(--step); }
    .legend {
      display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; list-style: none; margin: 0 0 0.5rem;
      padding: 0; font-size: 0.85rem;
    }
    .swatch {
      display: inline-block; width: 0.7em; height: 0.7em; margin-right: 0.4em;
      print-color-adjust: exact;
    }
    .good { background: var(--good); }
    .waiting { background: var(--waiting); }
    .bad { background: var(--bad); }
    .past { background: var(--past); }
    .step { background: var(--step); }
    summary { cursor: pointer; font-size: 0.85rem; }
    .table { overflow-x: auto; margin-top: 0.5rem; }
    table {
      border-collapse: collapse; width: 100%; font-size: 0.8rem; line-height: 1.3;
      font-variant-numeric: tabular-nums;
    }
    th, td {
      padding: 0.25rem 0.2rem; text-align: right; vertical-align: bottom; font-weight: normal;
      border-top: 1px solid var(--edge);
    }
    th:first-child { text-align: left; }
    tbody th { min-width: 4.8em; }
    thead th { color: var(--quiet); border-top: 0; overflow-wrap: normal; }
    td { white-space: nowrap; }
    @media screen and (min-width: 60rem) {
      main { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      .wide { grid-column: 1 / -1; }
      svg text { font-size: 9px; }
    }
    @media screen and (max-width: 30rem) {
      body { padding: 0.5rem; }
      section { padding: 0.75rem; }
      table { font-size: 0.65rem; }
      th, td { padding: 0.25rem 0.08rem; }
    }
    @media print {
      :root { --page: #ffffff; }
      body { padding: 0; font-size: 10pt; }
      main { display: block; }
      section { border: 0; padding: 0; margin: 0 0 1.5rem; }
      figure { break-inside: avoid; }
      h2, h3 { break-after: avoid; }
      svg { max-width: 11cm; }
      svg text { font-size: 9px; }
      svg * { print-color-adjust: exact; }
      details:not([open]), .note { display: none; }
    }

    """
}

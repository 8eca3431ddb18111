namespace Millrace.Cli.Models.Diagrams;

/// <summary>The style of a model's page, for light and dark mode, wide and narrow windows, and print.</summary>
internal static class PageStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --page: #ffffff; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --card: #f6f8fa;
          --command: #dbeafe; --command-ink: #172554; --event: #ffe4c7; --event-ink: #431407; --read: #dcfce7; --read-ink: #052e16;
          --consumer: #f3e8ff; --consumer-ink: #3b0764; --undo: #fee2e2; --undo-ink: #450a0a; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #0d1117; --ink: #e6edf3; --quiet: #9da7b3; --line: #30363d; --card: #161b22;
            --command: #1e3a8a; --command-ink: #e0ecff; --event: #7c2d12; --event-ink: #ffedd5; --read: #14532d; --read-ink: #dcfce7;
            --consumer: #581c87; --consumer-ink: #f3e8ff; --undo: #7f1d1d; --undo-ink: #fee2e2; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        header, main { max-width: 1400px; margin: 0 auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; margin: 1.2rem 0 .3rem; } h2 { font-size: 1.25rem; margin: 2.2rem 0 .4rem; }
        h3 { font-size: 1rem; margin: 0 0 .3rem; overflow-wrap: anywhere; } p { margin: .2rem 0; max-width: 72ch; }
        nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .6rem 0; }
        a { color: inherit; } nav a { padding: .3rem 0; }
        .chip { display: inline-block; padding: .25rem .55rem; border-radius: .4rem; font-size: .85rem; line-height: 1.3;
          text-decoration: none; overflow-wrap: break-word; }
        .chip.command, h3.command { background: var(--command); color: var(--command-ink); }
        .chip.event { background: var(--event); color: var(--event-ink); }
        .chip.read-model { background: var(--read); color: var(--read-ink); }
        .chip.consumer { background: var(--consumer); color: var(--consumer-ink); }
        .chip.undo { background: var(--undo); color: var(--undo-ink); }
        a.chip:hover, a.chip:focus-visible { outline: 2px solid var(--ink); }
        .board { display: grid; grid-auto-flow: column; grid-auto-columns: 11.5rem; grid-template-columns: 8rem;
          grid-template-rows: repeat(var(--rows), auto); overflow-x: auto; margin: .8rem 0 1.2rem; border: 1px solid var(--line);
          border-radius: .5rem; }
        .lanes, .slice { display: grid; grid-row: 1 / -1; grid-template-rows: subgrid; }
        .lanes { position: sticky; left: 0; background: var(--page); z-index: 1; }
        .lanes > span, .slice > div { padding: .5rem; border-top: 1px solid var(--line); }
        .lanes > span { color: var(--quiet); font-size: .8rem; border-right: 1px solid var(--line); overflow-wrap: anywhere; }
        .lanes > span[style="grid-row:1"], .slice > div[style="grid-row:1"] { border-top: 0; }
        .slice > div { display: flex; flex-direction: column; gap: .35rem; align-items: stretch; }
        .slice + .slice > div { border-left: 1px dotted var(--line); }
        .entry { border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; margin: .6rem 0; background: var(--card);
          scroll-margin-top: 1rem; overflow-x: auto; }
        .entry:target { outline: 2px solid var(--ink); }
        .entry h3.event { border-left: .35rem solid var(--event); padding-left: .5rem; }
        .entry h3.read-model { border-left: .35rem solid var(--read); padding-left: .5rem; }
        .entry h3.process { border-left: .35rem solid var(--consumer); padding-left: .5rem; }
        ol.process, ul.together { list-style: none; margin: .6rem 0; padding: 0; }
        ol.process > li, ul.together > li { position: relative; display: flex; flex-wrap: wrap; align-items: baseline;
          gap: .2rem .5rem; border: 1px solid var(--line); border-radius: .5rem; padding: .45rem .7rem; background: var(--page); }
        ol.process > li + li { margin-top: 1.3rem; } ul.together { flex-basis: 100%; } ul.together > li + li { margin-top: .4rem; }
        ol.process > li + li::before { content: "↓"; position: absolute; left: 1.1rem; top: -1.35rem; color: var(--quiet); }
        ol.process > li.waits { border-style: dashed; } ol.process > li.gate { border: 0; border-top: 3px double var(--ink);
          border-radius: 0; background: none; } ol.process > li.first, ol.process > li.last { border: 0; background: none; }
        .what { font-weight: 600; overflow-wrap: anywhere; } .aside { margin-left: auto; color: var(--quiet); }
        .ways { flex-basis: 100%; display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; } .ways > div { flex: 1 1 16rem; }
        .way { color: var(--quiet); }
        .fact span { color: var(--quiet); }
        table { border-collapse: collapse; margin-top: .4rem; font-size: .9rem; } caption { text-align: left; color: var(--quiet); }
        th, td { text-align: left; vertical-align: top; padding: .15rem .9rem .15rem 0; font-weight: 400; }
        thead th { color: var(--quiet); font-size: .85em; } .flow { min-width: 12rem; max-width: 34rem; }
        .type { color: var(--quiet); font-family: ui-monospace, monospace; font-size: .85em; }
        @media (max-width: 640px) {
          .board { display: block; border: 0; overflow: visible; } .lanes { display: none; }
          .slice { display: block; border: 1px solid var(--line); border-radius: .5rem; margin: .6rem 0; padding: .3rem; }
          .slice > div, .slice + .slice > div { border: 0; padding: .2rem .3rem; } .slice > div:empty { display: none; }
          .slice > div + div { margin-left: 1rem; } tr { display: flex; flex-wrap: wrap; }
          thead { display: none; } .type { overflow-wrap: anywhere; }
          .flow, td:last-child { flex-basis: 100%; min-width: 0; padding-left: 1rem; overflow-wrap: anywhere; }
          .flow:not(:empty)::before { content: attr(data-label) ": "; color: var(--quiet); } }
        @media print { .board { overflow: visible; } }

        """;
}

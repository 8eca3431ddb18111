using System.Text;

namespace Millrace.Cli.Models.Diagrams;

/// <summary>
/// Draws a process as a Mermaid flow chart. The parts are drawn from top to bottom, each with its compensation and
/// timeout.
/// </summary>
internal sealed class ProcessChart
{
    private readonly StringBuilder _text = new("flowchart TB\n");
    private readonly StringBuilder _beside = new(); // The other nodes precede these, so that they form one line.
    private readonly StringBuilder _arrows = new();
    private int _nodes;
    private bool _hasPassed;

    private ProcessChart()
    {
    }

    public static string Of(ProcessDescription process)
    {
        var chart = new ProcessChart();
        var begins = process.StartedBy.Select(name => chart.Node("event", name, "[\"", "\"]")).ToList();
        var ends = chart.Write(process.Parts, begins);
        chart.Arrows(ends, chart.Node("last", "completed", "([\"", "\"])"));
        return chart._text.Append(chart._beside).Append(chart._arrows).Append("""
              classDef event fill:#ffedd5,stroke:#c2410c,color:#431407
              classDef step fill:#dbeafe,stroke:#1d4ed8,color:#172554
              classDef waits fill:#ffedd5,stroke:#c2410c,color:#431407
              classDef decides fill:#f1f5f9,stroke:#475569,color:#0f172a
              classDef undo fill:#fee2e2,stroke:#b91c1c,color:#450a0a
              classDef gate fill:#fef9c3,stroke:#a16207,color:#422006
              classDef last fill:#f1f5f9,stroke:#475569,color:#0f172a

            """).ToString();
    }

    /// <summary>Writes parts in order, and returns their outgoing arrows.</summary>
    private List<string> Write(IReadOnlyList<ProcessPart> parts, List<string> from)
    {
        foreach (var part in parts)
            from = Write(part, from);
        return from;
    }

    private List<string> Write(ProcessPart part, List<string> from)
    {
        switch (part.Kind)
        {
            case ProcessPartKind.Parallel:
                _text
                    .Append("  subgraph g")
                    .Append(_nodes)
                    .Append("[\"")
                    .Append(MermaidDiagram.Label(part.Name))
                    .Append("\"]\n");
                var steps = part
                    .Steps.Select(step => (Step: step, Id: Node("step", Title(step), "[\"", "\"]", "    ")))
                    .ToList();
                _text.Append("  end\n");
                foreach (var (step, id) in steps)
                {
                    Arrows(from, id);
                    Undo(step, id);
                }
                return [.. steps.Select(step => step.Id)];
            case ProcessPartKind.Decision:
                var decision = Node("decides", $"{part.Name} ({part.Event})", "{{\"", "\"}}");
                Arrows(from, decision);
                return [.. Branch(part.Then, decision, "then"), .. Branch(part.Otherwise, decision, "otherwise")];
            default:
                return [Single(part, from)];
        }
    }

    private string Single(ProcessPart part, List<string> from)
    {
        _hasPassed |= part.Kind == ProcessPartKind.PointOfNoReturn;
        var id = part.Kind switch
        {
            ProcessPartKind.Await => Node("waits", $"{part.Name}: {part.Event}", "([\"", "\"])"),
            ProcessPartKind.PointOfNoReturn => Node("gate", $"{part.Name}: only forward from here", "{{\"", "\"}}"),
            _ => Node("step", Title(part), "[\"", "\"]"),
        };
        Arrows(from, id);
        Undo(part, id);
        if (part.Within is { } within && ProcessText.TimeoutText(part, _hasPassed) is { } late)
            Arrow(id, "-.->", Beside($"after {ProcessText.Of(within)}: {late}", "([\"", "\"])"));
        return id;
    }

    private List<string> Branch(IReadOnlyList<ProcessPart> parts, string decision, string name)
    {
        var way = Node("decides", name, "([\"", "\"])");
        Arrow(decision, "-->", way);
        return Write(parts, [way]);
    }

    private void Undo(ProcessPart step, string id)
    {
        if (ProcessText.Undo(step) is { } undo)
            Arrow(id, "-.->", Beside("undone by " + undo, "[\"", "\"]"));
    }

    private static string Title(ProcessPart step) =>
        step.Sends.Count == 0 || (step.Sends is [var only] && only == step.Name)
            ? step.Name
            : $"{step.Name}: {ModelText.List(step.Sends)}";

    private string Beside(string label, string open, string close) => Write(_beside, "undo", label, open, close, "  ");

    private string Node(string kind, string label, string open, string close, string indent = "  ") =>
        Write(_text, kind, label, open, close, indent);

    private string Write(StringBuilder text, string kind, string label, string open, string close, string indent)
    {
        var id = $"n{++_nodes}";
        text.Append(indent).Append(id).Append(open).Append(MermaidDiagram.Label(label)).Append(close)
            .Append(":::").Append(kind).Append('\n');
        return id;
    }

    private void Arrows(IEnumerable<string> from, string to)
    {
        foreach (var one in from)
            Arrow(one, "-->", to);
    }

    private void Arrow(string from, string arrow, string to) =>
        _arrows.Append("  ").Append(from).Append(' ').Append(arrow).Append(' ').Append(to).Append('\n');
}

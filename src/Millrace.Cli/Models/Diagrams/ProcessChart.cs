using System.Text;

namespace Millrace.Cli.Models.Diagrams;

/// <summary>
/// Draws a process as a Mermaid flow chart. The parts are drawn from top to bottom, each with its compensation and
/// timeout.
/// </summary>
internal sealed class ProcessChart
{
    private readonly StringBuilder _text = new("flowchart TB\n");
    private readonly StringBuilder _sideNodes = new(); // After the other nodes, so that those form one line.
    private readonly StringBuilder _arrows = new();
    private int _nodes;
    private bool _isIrreversible;

    private ProcessChart()
    {
    }

    public static string Of(ProcessDescription process)
    {
        var chart = new ProcessChart();
        var startNodes = process.StartedBy.Select(name => chart.Node("event", name, "[\"", "\"]")).ToList();
        var endNodes = chart.Write(process.Parts, startNodes);
        chart.Arrows(endNodes, chart.Node("last", "completed", "([\"", "\"])"));
        return chart._text.Append(chart._sideNodes).Append(chart._arrows).Append("""
              classDef event fill:#ffedd5,stroke:#c2410c,color:#431407
              classDef step fill:#dbeafe,stroke:#1d4ed8,color:#172554
              classDef waits fill:#ffedd5,stroke:#c2410c,color:#431407
              classDef decides fill:#f1f5f9,stroke:#475569,color:#0f172a
              classDef undo fill:#fee2e2,stroke:#b91c1c,color:#450a0a
              classDef gate fill:#fef9c3,stroke:#a16207,color:#422006
              classDef last fill:#f1f5f9,stroke:#475569,color:#0f172a

            """).ToString();
    }

    /// <summary>Writes parts in order. Returns the nodes from which the arrows to the next part start.</summary>
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
        _isIrreversible |= part.Kind == ProcessPartKind.PointOfNoReturn;
        var id = part.Kind switch
        {
            ProcessPartKind.Await => Node("waits", $"{part.Name}: {part.Event}", "([\"", "\"])"),
            ProcessPartKind.PointOfNoReturn => Node("gate", $"{part.Name}: only forward from here", "{{\"", "\"}}"),
            _ => Node("step", Title(part), "[\"", "\"]"),
        };
        Arrows(from, id);
        Undo(part, id);
        if (part.Within is { } within && ProcessText.TimeoutText(part, _isIrreversible) is { } timeout)
            Arrow(id, "-.->", AddSideNode($"after {ProcessText.Of(within)}: {timeout}", "([\"", "\"])"));
        return id;
    }

    private List<string> Branch(IReadOnlyList<ProcessPart> parts, string decision, string name)
    {
        var branch = Node("decides", name, "([\"", "\"])");
        Arrow(decision, "-->", branch);
        return Write(parts, [branch]);
    }

    private void Undo(ProcessPart step, string id)
    {
        if (ProcessText.CompensationOf(step) is { } compensation)
            Arrow(id, "-.->", AddSideNode("undone by " + compensation, "[\"", "\"]"));
    }

    private static string Title(ProcessPart step) =>
        step.Sends.Count == 0 || (step.Sends is [var only] && only == step.Name)
            ? step.Name
            : $"{step.Name}: {ModelText.List(step.Sends)}";

    private string AddSideNode(string label, string open, string close) =>
        Write(_sideNodes, "undo", label, open, close, "  ");

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
        foreach (var source in from)
            Arrow(source, "-->", to);
    }

    private void Arrow(string from, string arrow, string to) =>
        _arrows.Append("  ").Append(from).Append(' ').Append(arrow).Append(' ').Append(to).Append('\n');
}

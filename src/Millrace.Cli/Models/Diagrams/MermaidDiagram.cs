using System.Text;

namespace Millrace.Cli.Models.Diagrams;

/// <summary>
/// Draws an event model as a Mermaid flow chart. Arrows lead from commands to events, from events to read models and
/// consumers, and from consumers to commands.
/// </summary>
internal sealed class MermaidDiagram
{
    // Mermaid draws at most this many arrows, and a diagram cannot raise the limit.
    public const int MaxEdges = 500;

    private readonly ModelDescription _model;
    private readonly StringBuilder _text = new("flowchart LR\n");
    private readonly Dictionary<(string Kind, string Name), string> _ids = [];
    private int _edges;

    private MermaidDiagram(ModelDescription model) => _model = model;

    /// <summary>Draws a model, or one of its contexts with its connections.</summary>
    /// <exception cref="CliException">The diagram is too large for Mermaid.</exception>
    public static string Of(ModelDescription model, string? context = null)
    {
        var diagram = Begin(model, context);
        return diagram.Draw() ?? throw new CliException(
            ExitCode.Failed,
            $"The diagram has {diagram._edges} arrows, and Mermaid draws at most {MaxEdges}.",
            context is null ? "Draw one context: --context NAME." : "Use the HTML page instead: --format html.");
    }

    /// <summary>Draws a context. Returns null when the diagram is too large for Mermaid.</summary>
    public static string? TryDraw(ModelDescription model, string context) => Begin(model, context).Draw();

    private static MermaidDiagram Begin(ModelDescription model, string? context) =>
        new(context is null ? model : ContextView.Of(model, context));

    private string? Draw()
    {
        foreach (var command in _model.Commands)
            Node("command", command.Name, "[\"", "\"]");
        foreach (var group in _model.Events.GroupBy(StreamOf).OrderBy(group => group.Key, StringComparer.Ordinal))
            Stream(group.Key, group);
        foreach (var readModel in _model.ReadModels)
            Node("read-model", readModel.Name, "[(\"", "\")]");
        foreach (var query in _model.Queries)
            Node("query", query.Name, "([\"", "\"])");
        foreach (var consumer in _model.Consumers)
            Node("consumer", consumer.Name, "{{\"", "\"}}");
        foreach (var name in _model.Processes.Select(process => process.Name).Distinct(StringComparer.Ordinal))
            Node("process", name, "{{\"", "\"}}");
        Edges();
        EdgesOfProcesses();
        if (_edges > MaxEdges)
            return null;
        _text.Append("""
              classDef command fill:#dbeafe,stroke:#1d4ed8,color:#172554
              classDef event fill:#ffedd5,stroke:#c2410c,color:#431407
              classDef read-model fill:#dcfce7,stroke:#15803d,color:#052e16
              classDef query fill:#f1f5f9,stroke:#475569,color:#0f172a
              classDef consumer fill:#f3e8ff,stroke:#7e22ce,color:#3b0764
              classDef process fill:#f3e8ff,stroke:#7e22ce,color:#3b0764

            """);
        return _text.ToString();
    }

    private void Stream(string name, IEnumerable<EventDescription> events)
    {
        _text.Append("  subgraph ").Append(IdOf("stream", name)).Append("[\"").Append(Label(name)).Append("\"]\n");
        foreach (var found in events)
            Node("event", found.Name, "[\"", "\"]", "    ");
        _text.Append("  end\n");
    }

    private void Edges()
    {
        foreach (var command in _model.Commands)
        {
            foreach (var name in command.Events)
                Edge(("command", command.Name), "-->", ("event", name));
        }
        foreach (var found in _model.Events)
        {
            foreach (var reader in found.Readers.Where(reader =>
                    reader.Kind is EventPartKind.ReadModel or EventPartKind.Consumer))
                Edge(
                    ("event", found.Name),
                    "-->",
                    (reader.Kind == EventPartKind.ReadModel ? "read-model" : "consumer", reader.Name));
        }
        foreach (var query in _model.Queries)
        {
            foreach (var readModel in query.ReadModels)
                Edge(("read-model", readModel), "-.->", ("query", query.Name));
        }
        foreach (var consumer in _model.Consumers)
        {
            foreach (var sent in consumer.Sends)
                Edge(("consumer", consumer.Name), "==>", ("command", sent));
        }
    }

    /// <summary>
    /// Draws arrows from events to processes and from processes to commands. Only the newest definition of each process
    /// is used.
    /// </summary>
    private void EdgesOfProcesses()
    {
        foreach (var process in _model.Processes.GroupBy(process => process.Name, StringComparer.Ordinal)
            .Select(group => group.MaxBy(definition => definition.Version)!)) // A group is never empty.
        {
            foreach (var name in process.Events)
                Edge(("event", name), "-->", ("process", process.Name));
            foreach (var sent in process.Sends)
                Edge(("process", process.Name), "==>", ("command", sent));
        }
    }

    /// <summary>Draws an arrow between two nodes, if the diagram contains both.</summary>
    private void Edge((string Kind, string Name) from, string arrow, (string Kind, string Name) to)
    {
        if (!_ids.TryGetValue(from, out var start) || !_ids.TryGetValue(to, out var end))
            return;
        _text.Append("  ").Append(start).Append(' ').Append(arrow).Append(' ').Append(end).Append('\n');
        _edges++;
    }

    private void Node(string kind, string name, string open, string close, string indent = "  ") =>
        _text.Append(indent).Append(IdOf(kind, name)).Append(open).Append(Label(name)).Append(close)
            .Append(":::").Append(kind).Append('\n');

    private string IdOf(string kind, string name)
    {
        if (_ids.TryGetValue((kind, name), out var existing))
            return existing;
        var sanitized =
            $"{kind}_{string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'))}".Replace(
                '-', '_');
        var id = sanitized;
        for (var number = 2; _ids.ContainsValue(id); number++)
            id = sanitized + number;
        return _ids[(kind, name)] = id;
    }

    private string StreamOf(EventDescription description)
    {
        var writers = _model.Aggregates.Where(aggregate => aggregate.Writes.Contains(description.Name))
            .Select(aggregate => aggregate.Name).ToList();
        return writers.Count == 0 ? "other events" : string.Join(", ", writers);
    }

    /// <summary>
    /// Escapes text for a quoted label. A number sign starts an entity in Mermaid.
    /// </summary>
    public static string Label(string text) => text.ReplaceLineEndings(" ")
        .Replace("#", "#35;", StringComparison.Ordinal)
        .Replace("\"", "#quot;", StringComparison.Ordinal)
        .Replace("<", "#lt;", StringComparison.Ordinal)
        .Replace("`", "#96;", StringComparison.Ordinal);
}

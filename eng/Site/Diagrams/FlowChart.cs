using System.Globalization;
using System.Text.RegularExpressions;

namespace Site;

/// <summary>
/// A flow chart from left to right or from top to bottom. The class supports boxes, frames, arrows and colors, which is
/// the subset of Mermaid that this repository uses.
/// </summary>
internal sealed partial class FlowChart
{
    private readonly Dictionary<string, FlowNode> _nodes = new(StringComparer.Ordinal);

    private FlowChart()
    {
    }

    public IReadOnlyCollection<FlowNode> Nodes => _nodes.Values;

    /// <summary>Gets whether the chart runs from top to bottom.</summary>
    public bool IsDown { get; private set; }

    public List<FlowEdge> Edges { get; } = [];

    /// <summary>The titles of frames, by id.</summary>
    public Dictionary<string, string> Groups { get; } = new(StringComparer.Ordinal);

    /// <summary>The colors of classes: fill, stroke, color.</summary>
    public Dictionary<string, Dictionary<string, string>> Kinds { get; } = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">A line is not supported. The message contains the line.</exception>
    public static FlowChart Parse(string source)
    {
        var chart = new FlowChart();
        string? group = null;
        var lines = source.Split('\n').Select(line => line.Trim())
            .Where(line => line.Length > 0 && !line.StartsWith("%%", StringComparison.Ordinal));
        foreach (var (number, line) in lines.Index())
        {
            if (number == 0)
                chart.IsDown = IsDownBy(line);
            else if (Frame().Match(line) is { Success: true } frame)
                chart.Groups[group = frame.Groups["id"].Value] = Text(frame.Groups["text"].Value);
            else if (line == "end")
                group = null;
            else if (Colors().Match(line) is { Success: true } colors)
                chart.Kinds[colors.Groups["id"].Value] = Pairs(colors.Groups["pairs"].Value);
            else if (Arrow().Match(line) is { Success: true } arrow)
                chart.Add(arrow);
            else if (Node().Match(line) is { Success: true } node)
                chart.Add(node, group);
            else
                Require(false, line);
        }
        return chart;
    }

    private void Add(Match arrow) => Edges.Add(
        new(Named(arrow.Groups["from"].Value), Named(arrow.Groups["to"].Value), LineOf(arrow.Groups["arrow"].Value)));

    private void Add(Match node, string? group)
    {
        var (id, kind) = (node.Groups["id"].Value, node.Groups["kind"].Value);
        _nodes[id] = new(
            id,
            Text(node.Groups["text"].Value),
            ShapeOf(node.Groups["open"].Value),
            kind.Length == 0 ? null : kind,
            group);
    }

    /// <summary>Adds a box for each end of an arrow, even without a definition.</summary>
    private string Named(string id)
    {
        _nodes.TryAdd(id, new(id, id, NodeShape.Box, null, null));
        return id;
    }

    private static bool IsDownBy(string first)
    {
        Require(first is "flowchart LR" or "graph LR" or "flowchart TB", first);
        return first == "flowchart TB";
    }

    private static void Require(bool isUnderstood, string line)
    {
        if (!isUnderstood)
            throw new FormatException($"The flow chart line '{line}' is not supported.");
    }

    private static NodeShape ShapeOf(string open) => open switch
    {
        "[(" => NodeShape.Cylinder,
        "([" or "(" => NodeShape.Round,
        "{{" => NodeShape.Hexagon,
        _ => NodeShape.Box,
    };

    private static EdgeStyle LineOf(string arrow) => arrow[0] switch
    {
        '=' => EdgeStyle.Thick,
        _ when arrow.Contains('.', StringComparison.Ordinal) => EdgeStyle.Dotted,
        _ => EdgeStyle.Plain,
    };

    private static Dictionary<string, string> Pairs(string text) =>
        text.Split(',')
            .Select(pair => pair.Split(':', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim(), StringComparer.Ordinal);

    /// <summary>Within quotation marks, entities start with a number sign: <c>#lt;</c>, <c>#35;</c>.</summary>
    private static string Text(string text) =>
        Entity()
            .Replace(
                text.Trim('"'),
                found =>
                    found.Groups[1].Value switch
                    {
                        "quot" => "\"",
                        "lt" => "<",
                        "gt" => ">",
                        "amp" => "&",
                        var number => int.TryParse(number, CultureInfo.InvariantCulture, out var code)
                            ? char.ConvertFromUtf32(code)
                            : found.Value,
                    }
            );

    [GeneratedRegex("^subgraph (?<id>[A-Za-z0-9_]+)(\\[(?<text>.+)\\])?$")]
    private static partial Regex Frame();

    [GeneratedRegex("^classDef (?<id>[A-Za-z0-9_-]+) (?<pairs>.+?);?$")]
    private static partial Regex Colors();

    [GeneratedRegex("^(?<from>[A-Za-z0-9_]+) (?<arrow>-->|-\\.->|==>) (?<to>[A-Za-z0-9_]+)$")]
    private static partial Regex Arrow();

    [GeneratedRegex("^(?<id>[A-Za-z0-9_]+)(?<open>\\[\\(|\\(\\[|\\{\\{|\\[|\\()(?<text>\".*\"|[^\"\\]\\)\\}]*)"
        + "(\\)\\]|\\]\\)|\\}\\}|\\]|\\))(:::(?<kind>[A-Za-z0-9_-]+))?$")]
    private static partial Regex Node();

    [GeneratedRegex("#([a-z]+|[0-9]+);")]
    private static partial Regex Entity();
}

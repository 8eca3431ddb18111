using System.Globalization;
using System.Net;
using System.Text;

namespace Site;

/// <summary>Draws a flow chart as SVG without scripts, with the font and colors of the page.</summary>
internal sealed class FlowDrawing
{
    private const double Round = 6;
    private const double HeadGap = 5;

    private readonly StringBuilder _text = new();
    private readonly FlowChart _chart;
    private readonly FlowLayout _layout;

    private FlowDrawing(FlowChart chart)
    {
        (_chart, _layout) = (chart, FlowLayout.Of(chart));
    }

    /// <exception cref="FormatException">The source is not a supported flow chart.</exception>
    public static string Of(string source) => new FlowDrawing(FlowChart.Parse(source)).Draw();

    private string Draw()
    {
        var names = string.Join(", ", _chart.Groups.Values.Concat(_chart.Nodes.Select(node => node.Label)).Take(12));
        Write(
            $"<svg class=\"flow\" role=\"img\" aria-label=\"{Escaped($"Flow chart of {_chart.Nodes.Count} boxes: {names} …")}\" "
        );
        Write(
            $"width=\"{_layout.Width:0}\" height=\"{_layout.Height:0}\" viewBox=\"0 0 {_layout.Width:0} {_layout.Height:0}\">"
        );
        foreach (var group in _layout
                .Boxes.Where(placed => placed.Node!.Group is not null)
                .GroupBy(placed => placed.Node!.Group!))
            Frame(_chart.Groups[group.Key], [.. group]);
        foreach (var (edge, way) in _layout.Ways)
            Arrow(edge, way);
        foreach (var placed in _layout.Boxes)
            Box(placed.Node!, placed); // A box has a node.
        return _text.Append("</svg>").ToString();
    }

    private void Frame(string title, List<PlacedNode> inside)
    {
        var (left, right) = (
            inside.Min(placed => placed.X) - FlowLayout.FrameRest, inside.Max(placed => placed.X + placed.Width));
        var width = Math.Max(right + FlowLayout.FrameRest - left, FlowLayout.FrameTitleOf(title));
        var top = inside.Min(placed => placed.Y) - FlowLayout.FrameTop + 2;
        var bottom = inside.Max(placed => placed.Y + placed.Height) + FlowLayout.FrameRest;
        Write(
            $"<rect class=\"frame\" x=\"{left:0.#}\" y=\"{top:0.#}\" width=\"{width:0.#}\" height=\"{bottom - top:0.#}\" rx=\"6\"/>"
        );
        Write($"<text class=\"frameTitle\" x=\"{left + 10:0.#}\" y=\"{top + 17:0.#}\">{Escaped(title)}</text>");
    }

    private void Arrow(FlowEdge edge, IReadOnlyList<PlacedNode> way)
    {
        var isForward = way[^1].Column > way[0].Column;
        var kind = edge.Line switch { EdgeStyle.Dotted => " dotted", EdgeStyle.Thick => " thick", _ => "" };
        Write($"<path class=\"arrow{kind}\" d=\"");
        for (var index = 0; index + 1 < way.Count; index++)
        {
            var (from, to) = (ExitPoint(way[index], isForward), EntryPoint(way[index + 1], isForward));
            var isLast = index + 2 == way.Count;
            var end = isLast ? MoveAlong(to, isForward ? -HeadGap : HeadGap) : to;
            if (index == 0)
                Write($"M{from.X:0.#} {from.Y:0.#}");
            Curve(from, end);
            if (isLast)
                Head(to, isForward ? -1 : 1);
        }
        Write($"\"/>");
    }

    /// <summary>Returns the point where an arrow leaves a box.</summary>
    private (double X, double Y) ExitPoint(PlacedNode placed, bool isForward) => _chart.IsDown
        ? (placed.Center, isForward ? placed.Y + placed.Height : placed.Y)
        : (isForward ? placed.X + placed.Width : placed.X, placed.Middle);

    /// <summary>Returns the point where an arrow enters a box.</summary>
    private (double X, double Y) EntryPoint(PlacedNode placed, bool isForward) => ExitPoint(placed, !isForward);

    /// <summary>Returns a point that is moved by a distance along the direction of the chart.</summary>
    private (double X, double Y) MoveAlong((double X, double Y) place, double along) =>
        _chart.IsDown ? (place.X, place.Y + along) : (place.X + along, place.Y);

    private void Curve((double X, double Y) from, (double X, double Y) to)
    {
        var bend = (_chart.IsDown ? to.Y - from.Y : to.X - from.X) / 2;
        var (first, last) = (MoveAlong(from, bend), MoveAlong(to, -bend));
        Write($"C{first.X:0.#} {first.Y:0.#} {last.X:0.#} {last.Y:0.#} {to.X:0.#} {to.Y:0.#}");
    }

    /// <summary>
    /// Writes the head of an arrow as part of its line. An SVG marker would require an id that is unique in the page.
    /// </summary>
    private void Head((double X, double Y) at, int side)
    {
        var (x, y) = MoveAlong(at, side * 7);
        var (left, right) = _chart.IsDown ? ((x - 4, y), (x + 4, y)) : ((x, y - 4), (x, y + 4));
        Write($"M{left.Item1:0.#} {left.Item2:0.#}L{at.X:0.#} {at.Y:0.#}L{right.Item1:0.#} {right.Item2:0.#}");
    }

    private void Box(FlowNode node, PlacedNode placed)
    {
        var colors = node.Kind is { } kind && _chart.Kinds.TryGetValue(kind, out var known) ? known : [];
        string Color(string name, string defaultColor) => Escaped(colors.GetValueOrDefault(name, defaultColor));
        Outline(node.Shape, placed, $"fill=\"{Color("fill", "#eef1f5")}\" stroke=\"{Color("stroke", "#555e6d")}\"");
        var (x, y) = (placed.X + (placed.Width / 2), placed.Middle + 4.5 + (node.Shape == NodeShape.Cylinder ? 3 : 0));
        Write(
            $"<text class=\"box\" fill=\"{Color("color", "#1b1f27")}\" x=\"{x:0.#}\" y=\"{y:0.#}\">{Escaped(node.Label)}</text>"
        );
    }

    private void Outline(NodeShape shape, PlacedNode placed, string style)
    {
        var (x, y, width, height) = (placed.X, placed.Y, placed.Width, placed.Height);
        var (right, bottom, half) = (x + width, y + height, width / 2);
        if (shape == NodeShape.Hexagon)
        {
            Write($"<path {style} d=\"M{x + 10:0.#} {y:0.#}H{right - 10:0.#}L{right:0.#} {placed.Middle:0.#}");
            Write($"L{right - 10:0.#} {bottom:0.#}H{x + 10:0.#}L{x:0.#} {placed.Middle:0.#}Z\"/>");
        }
        else if (shape == NodeShape.Cylinder)
        {
            Write(
                $"<path {style} d=\"M{x:0.#} {y + 4:0.#}V{bottom - 4:0.#}a{half:0.#} 5 0 0 0 {width:0.#} 0V{y + 4:0.#}"
            );
            Write($"a{half:0.#} 5 0 0 0 {-width:0.#} 0a{half:0.#} 5 0 0 0 {width:0.#} 0\"/>");
        }
        else
        {
            var round = shape == NodeShape.Round ? height / 2 : Round;
            Write(
                $"<rect {style} x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{height:0.#}\" rx=\"{round:0.#}\"/>"
            );
        }
    }

    private void Write(FormattableString text) => _text.Append(text.ToString(CultureInfo.InvariantCulture));

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}

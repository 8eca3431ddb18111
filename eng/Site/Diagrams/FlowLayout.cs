namespace Site;

/// <summary>
/// Arranges a flow chart in columns or rows. Related boxes are close to each other, and the boxes of a frame remain
/// together.
/// </summary>
internal sealed class FlowLayout
{
    public const double Margin = 12;
    public const double FrameTop = 26;
    public const double FrameRest = 10;
    private const double ColumnGap = 90;
    private const double RowGap = 12;
    private const double SlotGap = 40;
    private const double VerticalGap = 34;
    private const double BoxHeight = 32;
    private const double PointHeight = 4;
    private const double PointGap = 4;
    private const double Padding = 26;
    // For a font size of 13 pixels with wide letters. A browser test compares it with the real width.
    private const double CharacterWidth = 7.1;
    private const int Sweeps = 12;

    private readonly List<List<PlacedNode>> _columns = [];

    private FlowLayout()
    {
    }

    public IEnumerable<PlacedNode> Boxes =>
        _columns.SelectMany(column => column).Where(placed => placed.Node is not null);

    /// <summary>Each arrow with all points that it passes, including its ends.</summary>
    public List<(FlowEdge Edge, IReadOnlyList<PlacedNode> Way)> Ways { get; } = [];

    public double Width { get; private set; }

    public double Height { get; private set; }

    public static FlowLayout Of(FlowChart chart)
    {
        var layout = new FlowLayout();
        layout.Place(chart);
        for (var sweep = 0; sweep < Sweeps; sweep++)
            layout.Sort(toRight: sweep % 2 == 0);
        if (chart.IsDown)
            layout.PlaceRows(chart);
        else
            layout.PlaceColumns();
        return layout;
    }

    private void Place(FlowChart chart)
    {
        var columns = FlowColumns.Of(chart);
        for (var column = 0; column <= columns.Values.DefaultIfEmpty().Max(); column++)
            _columns.Add([]);
        var placed = new Dictionary<string, PlacedNode>(StringComparer.Ordinal);
        foreach (var node in chart.Nodes)
        {
            placed[node.Id] = new(node, columns[node.Id], (node.Label.Length * CharacterWidth) + Padding, BoxHeight);
            _columns[columns[node.Id]].Add(placed[node.Id]);
        }
        foreach (var edge in chart.Edges)
            Connect(edge, placed[edge.From], placed[edge.To]);
    }

    /// <summary>
    /// Adds an arrow. An arrow over several columns has a point in each column between, so that it avoids the boxes.
    /// </summary>
    private void Connect(FlowEdge edge, PlacedNode from, PlacedNode to)
    {
        var way = new List<PlacedNode> { from };
        var step = Math.Sign(to.Column - from.Column);
        for (var column = from.Column + step; step != 0 && column != to.Column; column += step)
        {
            var point = new PlacedNode(null, column, 0, PointHeight);
            _columns[column].Add(point);
            way.Add(point);
        }
        way.Add(to);
        Ways.Add((edge, way));
        foreach (var (one, other) in way.Zip(way.Skip(1)))
        {
            (step >= 0 ? one.Behind : one.Before).Add(other);
            (step >= 0 ? other.Before : other.Behind).Add(one);
        }
    }

    /// <summary>
    /// Orders the boxes of each column by the positions of their neighbors in one direction. The order of a frame is
    /// the mean of its boxes.
    /// </summary>
    private void Sort(bool toRight)
    {
        foreach (var column in toRight ? _columns : Enumerable.Reverse(_columns))
        {
            var ranks = _columns.SelectMany(one => one.Index()).ToDictionary(found => found.Item, found => found.Index);
            var desiredRanks = column.ToDictionary(
                placed => placed,
                placed => AverageRank(toRight ? placed.Before : placed.Behind, ranks) ?? ranks[placed]);
            var units = column
                .GroupBy(placed => placed.Unit.Length > 0 ? placed.Unit : $"{ranks[placed]}")
                .OrderBy(unit => unit.Average(placed => desiredRanks[placed]))
                .ToList();
            var sorted = units.SelectMany(unit => unit.OrderBy(placed => desiredRanks[placed])).ToList();
            column.Clear();
            column.AddRange(sorted);
        }
    }

    private static double? AverageRank(List<PlacedNode> neighbours, Dictionary<PlacedNode, int> ranks) =>
        neighbours.Count == 0 ? null : neighbours.Average(neighbour => ranks[neighbour]);

    /// <summary>
    /// Places boxes from top to bottom, each in the middle of its slot, so that connected boxes are in line.
    /// </summary>
    private void PlaceRows(FlowChart chart)
    {
        var slots = new double[_columns.Max(row => row.Count)];
        foreach (var (slot, placed) in _columns.SelectMany(row => row.Index()))
            slots[slot] = Math.Max(slots[slot], placed.Width);
        var y = Margin;
        foreach (var row in _columns)
        {
            var isFramed = row.Exists(placed => placed.Unit.Length > 0);
            var x = Margin + FrameRest;
            y += isFramed ? FrameTop : 0;
            foreach (var (slot, placed) in row.Index())
            {
                (placed.X, placed.Y) = (x + ((slots[slot] - placed.Width) / 2), y + ((BoxHeight - placed.Height) / 2));
                x += slots[slot] + SlotGap;
                if (placed.Unit.Length > 0)
                    Width = Math.Max(Width, placed.X + FrameTitleOf(chart.Groups[placed.Unit]) + Margin);
            }
            Width = Math.Max(Width, x - SlotGap + FrameRest + Margin);
            y += BoxHeight + (isFramed ? FrameRest : 0) + VerticalGap;
        }
        Height = y - VerticalGap + Margin;
    }

    /// <summary>Returns the minimum width of a frame for its title.</summary>
    public static double FrameTitleOf(string title) => (title.Length * 7.5) + 20;

    private void PlaceColumns()
    {
        var x = Margin;
        foreach (var column in _columns)
        {
            var (y, unit, width) = (Margin, "", column.Select(placed => placed.Width).DefaultIfEmpty().Max());
            foreach (var placed in column)
            {
                if (placed.Unit != unit)
                    y += (unit.Length > 0 ? FrameRest : 0) + (placed.Unit.Length > 0 ? FrameTop : 0);
                unit = placed.Unit;
                placed.X = x + FrameRest + ((width - placed.Width) / 2);
                placed.Y = y;
                y += placed.Height + (placed.Node is null ? PointGap : RowGap);
            }
            Height = Math.Max(Height, y + (unit.Length > 0 ? FrameRest : 0));
            x += width + (2 * FrameRest) + ColumnGap;
        }
        Width = x - ColumnGap + Margin;
        foreach (var column in _columns.Where(column => column.Count > 0))
        {
            var down = (Height - (column[^1].Y + column[^1].Height + RowGap)) / 2;
            column.ForEach(placed => placed.Y += Math.Max(0, down));
        }
    }
}

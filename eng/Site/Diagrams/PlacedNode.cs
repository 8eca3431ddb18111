namespace Site;

/// <summary>A box with its place, or a point that a long arrow goes through.</summary>
internal sealed class PlacedNode(FlowNode? node, int column, double width, double height)
{
    /// <summary>The box; null for a point on the way of an arrow.</summary>
    public FlowNode? Node { get; } = node;

    public int Column { get; } = column;

    public double Width { get; } = width;

    public double Height { get; } = height;

    public double X { get; set; }

    public double Y { get; set; }

    public double Middle => Y + (Height / 2);

    public double Center => X + (Width / 2);

    /// <summary>What it is next to, to the left and to the right.</summary>
    public List<PlacedNode> Before { get; } = [];

    public List<PlacedNode> Behind { get; } = [];

    /// <summary>What it moves with: its frame, or itself.</summary>
    public string Unit => Node?.Group ?? "";
}

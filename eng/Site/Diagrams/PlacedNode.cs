namespace Site;

/// <summary>A box with its position, or a point of a long arrow.</summary>
internal sealed class PlacedNode(FlowNode? node, int column, double width, double height)
{
    /// <summary>The box, or null for a point of an arrow.</summary>
    public FlowNode? Node { get; } = node;

    public int Column { get; } = column;

    public double Width { get; } = width;

    public double Height { get; } = height;

    public double X { get; set; }

    public double Y { get; set; }

    public double Middle => Y + (Height / 2);

    public double Center => X + (Width / 2);

    /// <summary>The neighbors to the left and to the right.</summary>
    public List<PlacedNode> Before { get; } = [];

    public List<PlacedNode> Behind { get; } = [];

    /// <summary>The group that moves together. The group is a frame or a single box.</summary>
    public string Unit => Node?.Group ?? "";
}

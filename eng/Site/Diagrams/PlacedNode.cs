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

    /// <summary>The connected boxes and points in the previous column.</summary>
    public List<PlacedNode> Before { get; } = [];

    /// <summary>The connected boxes and points in the next column.</summary>
    public List<PlacedNode> Behind { get; } = [];

    /// <summary>The frame whose boxes stay together; empty without a frame.</summary>
    public string Unit => Node?.Group ?? "";
}

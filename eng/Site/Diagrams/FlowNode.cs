namespace Site;

/// <summary>A box of a flow chart.</summary>
/// <param name="Id">The name of the box in the source.</param>
/// <param name="Label">The text of the box.</param>
/// <param name="Shape">The outline of the box.</param>
/// <param name="Kind">The class that defines the colors, or null.</param>
/// <param name="Group">The frame that contains the box, or null.</param>
internal sealed record FlowNode(string Id, string Label, NodeShape Shape, string? Kind, string? Group);

/// <summary>The outline of a box.</summary>
internal enum NodeShape
{
    /// <summary><c>[text]</c></summary>
    Box,

    /// <summary><c>([text])</c>, and <c>(text)</c></summary>
    Round,

    /// <summary><c>[(text)]</c>: a store.</summary>
    Cylinder,

    /// <summary><c>{{text}}</c></summary>
    Hexagon,
}

/// <summary>An arrow.</summary>
/// <param name="From">The id of the box at the start.</param>
/// <param name="To">The id of the box at the end.</param>
/// <param name="Line">The style of the line.</param>
internal sealed record FlowEdge(string From, string To, EdgeStyle Line);

/// <summary>The style of an arrow's line.</summary>
internal enum EdgeStyle
{
    /// <summary><c>--&gt;</c></summary>
    Plain,

    /// <summary><c>-.-&gt;</c></summary>
    Dotted,

    /// <summary><c>==&gt;</c></summary>
    Thick,
}

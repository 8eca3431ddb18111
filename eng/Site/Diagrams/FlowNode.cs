namespace Site;

/// <summary>A box of a flow chart.</summary>
/// <param name="Id">Its name in the source.</param>
/// <param name="Label">Its text.</param>
/// <param name="Shape">Its outline.</param>
/// <param name="Kind">The class with its colors, or null.</param>
/// <param name="Group">Its frame, or null.</param>
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
/// <param name="From">The id of its start.</param>
/// <param name="To">The id of its end.</param>
/// <param name="Line">How it is drawn.</param>
internal sealed record FlowEdge(string From, string To, EdgeStyle Line);

/// <summary>How an arrow is drawn.</summary>
internal enum EdgeStyle
{
    /// <summary><c>--&gt;</c></summary>
    Plain,

    /// <summary><c>-.-&gt;</c></summary>
    Dotted,

    /// <summary><c>==&gt;</c></summary>
    Thick,
}

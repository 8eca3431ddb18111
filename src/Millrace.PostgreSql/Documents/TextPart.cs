namespace Millrace.PostgreSql;

/// <summary>The texts of a field by their length.</summary>
internal enum TextPart
{
    /// <summary>All of them, and null.</summary>
    All,

    /// <summary>All of them, and null, in one index of an earlier version.</summary>
    Whole,

    /// <summary>Those that an index holds whole, and null.</summary>
    Short,

    /// <summary>Those of which an index holds the beginning.</summary>
    Long,
}

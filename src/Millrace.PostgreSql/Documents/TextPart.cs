namespace Millrace.PostgreSql.Documents;

/// <summary>The texts of a field by their length.</summary>
internal enum TextPart
{
    /// <summary>All texts, and null.</summary>
    All,

    /// <summary>All texts, and null, in the single index of an earlier version.</summary>
    Whole,

    /// <summary>The texts that an index holds whole, and null.</summary>
    Short,

    /// <summary>The texts of which an index holds a prefix.</summary>
    Long,
}

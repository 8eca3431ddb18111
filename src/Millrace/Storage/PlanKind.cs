namespace Millrace;

/// <summary>The way in which a storage executes a query.</summary>
public enum PlanKind
{
    /// <summary>Reads the rows that an index selects.</summary>
    IndexScan,

    /// <summary>Reads all rows of a table or a range, and checks each of them.</summary>
    FullScan,

    /// <summary>Returns a result that is in memory.</summary>
    Cached,

    /// <summary>Combines several parts, each with its own plan.</summary>
    Complex,
}

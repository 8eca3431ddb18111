namespace Millrace.Sqlite.Driver;

/// <summary>The access of a connection.</summary>
internal enum ConnectionKind
{
    /// <summary>Read only.</summary>
    Read,

    /// <summary>Read only, without locks, for a file that no program writes.</summary>
    Frozen,

    /// <summary>Write to an existing file.</summary>
    Write,

    /// <summary>Write, creating the file if it does not exist.</summary>
    Create,
}

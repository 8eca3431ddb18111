namespace Millrace.Sqlite;

/// <summary>What a connection is for.</summary>
internal enum ConnectionKind
{
    /// <summary>Only reading.</summary>
    Read,

    /// <summary>Only reading, as it stands and without locks, a file that nobody writes.</summary>
    Frozen,

    /// <summary>Writing to a file that exists.</summary>
    Write,

    /// <summary>Writing; the file is made if it does not exist.</summary>
    Create,
}

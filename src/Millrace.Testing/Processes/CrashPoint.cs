namespace Millrace.Testing;

/// <summary>Where a node that runs a process crashes.</summary>
internal enum CrashPoint
{
    /// <summary>No crash.</summary>
    None,

    /// <summary>Before a command is committed: nothing has happened.</summary>
    BeforeCommit,

    /// <summary>After a command was committed, before the node gets the outcome.</summary>
    AfterCommit,
}

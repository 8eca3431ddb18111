namespace Millrace.Testing;

/// <summary>Where a node dies that runs a process.</summary>
internal enum ProcessDeath
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>Before a command is committed: nothing has happened.</summary>
    BeforeCommit,

    /// <summary>After a command was committed, before the node knows.</summary>
    AfterCommit,
}

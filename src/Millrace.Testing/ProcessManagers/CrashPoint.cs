namespace Millrace.Testing.ProcessManagers;

/// <summary>The point at which a node that runs a process crashes.</summary>
internal enum CrashPoint
{
    /// <summary>The node does not crash.</summary>
    None,

    /// <summary>The node crashes before a command is committed. The command has no effect.</summary>
    BeforeCommit,

    /// <summary>The node crashes after a command is committed, before it gets the outcome.</summary>
    AfterCommit,
}

namespace Millrace.Cli;

/// <summary>The exit codes of the tool. docs/reference/cli.md documents them. Their numbers never change.</summary>
internal enum ExitCode
{
    /// <summary>The command succeeded.</summary>
    Done = 0,

    /// <summary>The command failed.</summary>
    Failed = 1,

    /// <summary>The command line is invalid.</summary>
    Usage = 2,

    /// <summary>The stream, event or consumer does not exist.</summary>
    NotFound = 3,

    /// <summary>
    /// The command conflicts with the content of the store. For example, a stream is closed or has another version.
    /// </summary>
    Conflict = 4,

    /// <summary>The store is unusable or damaged.</summary>
    Store = 5,

    /// <summary>A preview found changes of read models.</summary>
    Differs = 6,

    /// <summary>A preview found events that cannot be read or folded.</summary>
    Unreadable = 7,

    /// <summary>A search or a wait reached its time limit. The output contains the results so far.</summary>
    Incomplete = 8,

    /// <summary>The command was interrupted.</summary>
    Interrupted = 130,
}

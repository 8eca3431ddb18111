namespace Millrace.Cli;

/// <summary>What the tool tells the program that called it. Documented in docs/reference/cli.md: never
/// renumbered.</summary>
internal enum ExitCode
{
    /// <summary>It was done.</summary>
    Done = 0,

    /// <summary>It failed, or was refused.</summary>
    Failed = 1,

    /// <summary>The command line is wrong.</summary>
    Usage = 2,

    /// <summary>The stream, event or consumer asked for is not there.</summary>
    NotFound = 3,

    /// <summary>What stands in the store forbids it: another version, another event with the same id, a closed
    /// stream.</summary>
    Conflict = 4,

    /// <summary>The store cannot be used, or is damaged.</summary>
    Store = 5,

    /// <summary>A preview found that read models would change.</summary>
    Differs = 6,

    /// <summary>A preview found events that cannot be read or folded.</summary>
    Unreadable = 7,

    /// <summary>A search stopped at its limit: what was found so far was told.</summary>
    Incomplete = 8,

    /// <summary>It was interrupted.</summary>
    Interrupted = 130,
}

using Millrace.Storage;

namespace Millrace;

/// <summary>Which instances of a process to list. Immutable.</summary>
public sealed record ProcessQuery
{
    /// <summary>The name of the process.</summary>
    public required string Process { get; init; }

    /// <summary>Only those in a state; null for all.</summary>
    public ProcessState? State { get; init; }

    /// <summary>Where the page before ended; null for the first page.</summary>
    public DocumentCursor? After { get; init; }

    /// <summary>The most to return; from 1 to 1,000, 20 by default.</summary>
    public int Limit { get; init; } = 20;
}

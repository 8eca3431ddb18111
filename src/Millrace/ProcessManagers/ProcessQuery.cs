using Millrace.Storage;

namespace Millrace;

/// <summary>Selects the instances of a process to list. Immutable.</summary>
public sealed record ProcessQuery
{
    /// <summary>Gets the name of the process.</summary>
    public required string Process { get; init; }

    /// <summary>Gets the state of the instances; null for all.</summary>
    public ProcessState? State { get; init; }

    /// <summary>Gets the end of the previous page; null for the first page.</summary>
    public DocumentCursor? After { get; init; }

    /// <summary>Gets the maximum number of instances to return, from 1 to 1,000; 20 by default.</summary>
    public int Limit { get; init; } = 20;
}

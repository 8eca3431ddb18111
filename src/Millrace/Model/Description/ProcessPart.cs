namespace Millrace;

/// <summary>A part of a process.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The stable name.</param>
public sealed record ProcessPart(ProcessPartKind Kind, string Name)
{
    /// <summary>Gets the names of the commands that a step sends: one, as far as it is known.</summary>
    public IReadOnlyList<string> Sends { get; init; } = [];

    /// <summary>Gets whether a step can be compensated.</summary>
    public bool CanBeUndone { get; init; }

    /// <summary>Gets the names of the commands that compensate a step.</summary>
    public IReadOnlyList<string> UndoneBy { get; init; } = [];

    /// <summary>
    /// Gets the stored name of the event that it waits for, decides by, or creates its command from; null if there is
    /// none.
    /// </summary>
    public string? Event { get; init; }

    /// <summary>Gets the maximum time to wait; null for no limit, or if it does not wait.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>Gets what happens if the event does not come in time.</summary>
    public TimeoutRule OnTimeout { get; init; }

    /// <summary>Gets the steps of a group.</summary>
    public IReadOnlyList<ProcessPart> Steps { get; init; } = [];

    /// <summary>Gets the branch of a decision for true.</summary>
    public IReadOnlyList<ProcessPart> Then { get; init; } = [];

    /// <summary>Gets the branch of a decision for false.</summary>
    public IReadOnlyList<ProcessPart> Otherwise { get; init; } = [];

    internal IEnumerable<ProcessPart> WithInner() =>
        [this, .. Steps.Concat(Then).Concat(Otherwise).SelectMany(part => part.WithInner())];
}

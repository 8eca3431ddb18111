namespace Millrace;

/// <summary>The description of a part of a process, such as a step, a group of steps, or a decision.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The stable name.</param>
public sealed record ProcessPart(ProcessPartKind Kind, string Name)
{
    /// <summary>Gets the name of the command that a step sends; empty if it is unknown.</summary>
    public IReadOnlyList<string> Sends { get; init; } = [];

    /// <summary>Gets whether a step can be compensated.</summary>
    public bool CanBeUndone { get; init; }

    /// <summary>Gets the names of the commands that compensate a step.</summary>
    public IReadOnlyList<string> UndoneBy { get; init; } = [];

    /// <summary>
    /// Gets the stored name of the part's event; null if the part needs no event. The part waits for this event, or
    /// uses it for a decision or a command.
    /// </summary>
    public string? Event { get; init; }

    /// <summary>
    /// Gets the maximum time that the part waits; null if the part does not wait, or waits without a limit.
    /// </summary>
    public TimeSpan? Within { get; init; }

    /// <summary>Gets the reaction of the process if the event does not occur in time.</summary>
    public TimeoutRule OnTimeout { get; init; }

    /// <summary>Gets the steps of a group.</summary>
    public IReadOnlyList<ProcessPart> Steps { get; init; } = [];

    /// <summary>Gets the parts that run if the condition of a decision is true.</summary>
    public IReadOnlyList<ProcessPart> Then { get; init; } = [];

    /// <summary>Gets the parts that run if the condition of a decision is false.</summary>
    public IReadOnlyList<ProcessPart> Otherwise { get; init; } = [];

    internal IEnumerable<ProcessPart> WithInner() =>
        [this, .. Steps.Concat(Then).Concat(Otherwise).SelectMany(part => part.WithInner())];
}

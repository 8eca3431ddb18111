namespace Millrace;

/// <summary>A part of a process.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its stable name.</param>
public sealed record ProcessPart(ProcessPartKind Kind, string Name)
{
    /// <summary>Of a step the names of the commands that it sends: one, as far as the code tells.</summary>
    public IReadOnlyList<string> Sends { get; init; } = [];

    /// <summary>Whether a step can be undone.</summary>
    public bool CanBeUndone { get; init; }

    /// <summary>Of a step the names of the commands that undo it.</summary>
    public IReadOnlyList<string> UndoneBy { get; init; } = [];

    /// <summary>The stored name of the event that it waits for, decides by, or makes its command of; null when there is
    /// none.</summary>
    public string? Event { get; init; }

    /// <summary>How long it waits; null for ever, and where it does not wait.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>What happens when what it waits for does not come in time.</summary>
    public TimeoutRule OnTimeout { get; init; }

    /// <summary>The steps of a group.</summary>
    public IReadOnlyList<ProcessPart> Steps { get; init; } = [];

    /// <summary>Of a decision what follows when it holds.</summary>
    public IReadOnlyList<ProcessPart> Then { get; init; } = [];

    /// <summary>Of a decision what follows when it does not hold.</summary>
    public IReadOnlyList<ProcessPart> Otherwise { get; init; } = [];

    internal IEnumerable<ProcessPart> WithInner() =>
        [this, .. Steps.Concat(Then).Concat(Otherwise).SelectMany(part => part.WithInner())];
}

namespace Millrace;

/// <summary>One version of a process: what begins it, and its parts in the order in which they happen.</summary>
/// <param name="Name">Its stable name.</param>
/// <param name="Context">The context it belongs to.</param>
/// <param name="Version">The version of its definition, from 1.</param>
public sealed record ProcessDescription(string Name, string Context, int Version)
{
    /// <summary>What it is for, as its documentation says; null when it says nothing.</summary>
    public string? Summary { get; init; }

    /// <summary>The full name of its class.</summary>
    public required string Type { get; init; }

    /// <summary>The stored names of the events that begin an instance.</summary>
    public IReadOnlyList<string> BegunBy { get; init; } = [];

    /// <summary>Its parts, in order.</summary>
    public IReadOnlyList<ProcessPart> Parts { get; init; } = [];

    /// <summary>What becomes of events that no instance waits for.</summary>
    public UnexpectedEvents Unexpected { get; init; }

    /// <summary>The stored names of all events that it follows: those that begin it, and those that it waits for or
    /// decides by.</summary>
    public IReadOnlyList<string> Events =>
        [.. BegunBy.Concat(AllParts.Select(part => part.Event).OfType<string>()).Distinct(StringComparer.Ordinal)];

    /// <summary>The names of the commands that it sends, and of those that undo them.</summary>
    public IReadOnlyList<string> Sends =>
        [.. AllParts.SelectMany(part => part.Sends.Concat(part.UndoneBy)).Distinct(StringComparer.Ordinal)];

    private IEnumerable<ProcessPart> AllParts => Parts.SelectMany(part => part.WithInner());
}

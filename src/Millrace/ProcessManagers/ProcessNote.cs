namespace Millrace.ProcessManagers;

/// <summary>The content of an event in the stream of an instance. Members that do not apply are null.</summary>
internal sealed record ProcessNote
{
    /// <summary>The step or other part of the process.</summary>
    public string? Step { get; init; }

    /// <summary>The steps that start with this event, in order; they need no separate event.</summary>
    public IReadOnlyList<string>? Begins { get; init; }

    /// <summary>The version of the definition.</summary>
    public int? Version { get; init; }

    /// <summary>The names of all parts, in order.</summary>
    public IReadOnlyList<string>? Outline { get; init; }

    /// <summary>The position of the event that was received.</summary>
    public long? Position { get; init; }

    /// <summary>The stored name of the event that is awaited or was received.</summary>
    public string? Event { get; init; }

    /// <summary>The number of attempts.</summary>
    public int? Attempt { get; init; }

    /// <summary>The time of the next attempt.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The end of the wait.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The selected branch.</summary>
    public string? Branch { get; init; }

    /// <summary>The error, or the reason.</summary>
    public string? Reason { get; init; }

    /// <summary>The user.</summary>
    public string? By { get; init; }

    /// <summary>Gets whether the process continues after a time-out.</summary>
    public bool? GoesOn { get; init; }

    /// <summary>The parts that have another name in the version that takes over.</summary>
    public IReadOnlyDictionary<string, string>? Names { get; init; }

    /// <summary>Adds a step that starts with this event.</summary>
    public ProcessNote Beginning(string step) => this with { Begins = [.. Begins ?? [], step] };

    /// <summary>Returns the started steps as separate events would have recorded them.</summary>
    public IEnumerable<ProcessNote> Beginnings() => (Begins ?? []).Select(step => new ProcessNote { Step = step });
}

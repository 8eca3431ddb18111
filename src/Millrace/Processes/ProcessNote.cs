namespace Millrace;

/// <summary>What an event of a process says. What does not concern it is left out.</summary>
internal sealed record ProcessNote
{
    /// <summary>The part of the process that it is about.</summary>
    public string? Step { get; init; }

    /// <summary>The steps that begin with it, in order: they need no event of their own.</summary>
    public IReadOnlyList<string>? Begins { get; init; }

    /// <summary>The version of the definition.</summary>
    public int? Version { get; init; }

    /// <summary>The names of all parts, in order.</summary>
    public IReadOnlyList<string>? Outline { get; init; }

    /// <summary>The position of the event that was received.</summary>
    public long? Position { get; init; }

    /// <summary>The stored name of the event that is waited for, or was received.</summary>
    public string? Event { get; init; }

    /// <summary>How often it was tried.</summary>
    public int? Attempt { get; init; }

    /// <summary>When it is tried again.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Until when it waits.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The way that was decided for.</summary>
    public string? Branch { get; init; }

    /// <summary>What went wrong, or why it was done.</summary>
    public string? Reason { get; init; }

    /// <summary>Who did it.</summary>
    public string? By { get; init; }

    /// <summary>Whether the process goes on all the same.</summary>
    public bool? GoesOn { get; init; }

    /// <summary>The parts that have another name in the version that takes over.</summary>
    public IReadOnlyDictionary<string, string>? Names { get; init; }

    /// <summary>The same with a step that begins with it.</summary>
    public ProcessNote Beginning(string step) => this with { Begins = [.. Begins ?? [], step] };

    /// <summary>What it says of the steps that begin with it, as events of their own say it.</summary>
    public IEnumerable<ProcessNote> Beginnings() => (Begins ?? []).Select(step => new ProcessNote { Step = step });
}

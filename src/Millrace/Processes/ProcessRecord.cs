namespace Millrace;

/// <summary>An instance as it is found by its state: what its stream says, in short.</summary>
internal sealed record ProcessRecord
{
    /// <summary>When it has something to do; null when only an event or a person can say.</summary>
    public DateTimeOffset? Due { get; init; }

    public required int Version { get; init; }

    public required string State { get; init; }

    /// <summary>The parts that it is in.</summary>
    public required IReadOnlyList<string> Steps { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public string? Reason { get; init; }
}

using Millrace.Storage;

namespace Millrace.Retention;

/// <summary>The decision about a stream with expired events.</summary>
internal sealed record StreamVerdict
{
    /// <summary>The stream as it was read.</summary>
    public required StreamInfo Stream { get; init; }

    /// <summary>The name of the stream, as the tenant uses it.</summary>
    public required string Name { get; init; }

    public required RetentionRule Rule { get; init; }

    public required StreamPart Part { get; init; }

    /// <summary>The reason why the events are kept; null if they are removed.</summary>
    public string? Kept { get; init; }

    /// <summary>The read models that read the events.</summary>
    public IReadOnlyList<string> ReadModels { get; init; } = [];

    /// <summary>The dead letters of the stream, which are removed with it.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];

    /// <summary>The position of the last event about legal holds when the decision was made.</summary>
    public required long HoldsPosition { get; init; }

    /// <summary>Whether all events of the stream are removed.</summary>
    public bool IsWhole => Part.LastVersion == Stream.Version;
}

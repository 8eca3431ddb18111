using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>The content of one CloudEvent of a file.</summary>
internal sealed record ImportedEvent
{
    /// <summary>The line on which it starts, from 1.</summary>
    public required long Line { get; init; }

    public required StreamId Stream { get; init; }

    /// <summary>The event with its id, or null when the line removes a stream.</summary>
    public NewEvent? Event { get; init; }

    /// <summary>How the stream is removed.</summary>
    public RemovalKind? Removal { get; init; }

    /// <summary>The reason for the removal and the user who requested it.</summary>
    public string Reason { get; init; } = "";

    public string? By { get; init; }

    /// <summary>
    /// The version of the event in its stream, or the last removed version; null when the line has none.
    /// </summary>
    public long? Version { get; init; }

    /// <summary>The time when the event was recorded or happened, or null when the line has none.</summary>
    public DateTimeOffset? Time { get; init; }

    public int Bytes { get; init; }
}

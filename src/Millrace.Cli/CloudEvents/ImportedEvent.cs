using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>What one CloudEvent of a file asks for.</summary>
internal sealed record ImportedEvent
{
    /// <summary>Where it begins in the file, from 1.</summary>
    public required long Line { get; init; }

    public required StreamId Stream { get; init; }

    /// <summary>The event, with its id; null when a stream is removed instead.</summary>
    public NewEvent? Event { get; init; }

    /// <summary>What is done to the stream instead.</summary>
    public RemovalKind? Removal { get; init; }

    /// <summary>Why the stream was removed, and by whom.</summary>
    public string Reason { get; init; } = "";

    public string? By { get; init; }

    /// <summary>The version that the event had in its stream, or the last one that was removed; null when nothing is
    /// said.</summary>
    public long? Version { get; init; }

    /// <summary>When it was recorded or happened, if it says so.</summary>
    public DateTimeOffset? Time { get; init; }

    public int Bytes { get; init; }
}

using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>The content of one CloudEvent of a file.</summary>
internal sealed record ImportedEvent
{
    /// <summary>Gets the line on which the event starts.</summary>
    public required ImportLine Line { get; init; }

    public required StreamId Stream { get; init; }

    /// <summary>Gets the event with its id, or null when the line removes a stream.</summary>
    public NewEvent? Event { get; init; }

    /// <summary>Gets the kind of the removal, or null when the line contains an event.</summary>
    public RemovalKind? Removal { get; init; }

    /// <summary>Gets the reason for the removal.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Gets the user who requested the removal, or null when the user is unknown.</summary>
    public string? By { get; init; }

    /// <summary>
    /// Gets the version of the event in its stream. For a removal, gets the last removed version. The value is null
    /// when the line has no version.
    /// </summary>
    public long? Version { get; init; }

    /// <summary>Gets the position in the log from which the event was exported; null when the line has none.</summary>
    public long? Position { get; init; }

    /// <summary>Gets the time when the event was recorded or happened, or null when the line has no time.</summary>
    public DateTimeOffset? Time { get; init; }

    public int Bytes { get; init; }
}

using System.Text.Json.Serialization;

namespace Millrace.Storage.Archives;

/// <summary>A segment of an archive: an object with events, as the store records it.</summary>
/// <param name="Number">The number of the segment in the store.</param>
/// <param name="Name">The name of the object.</param>
/// <param name="State">The state.</param>
/// <param name="Events">The number of events.</param>
/// <param name="FirstPosition">The position of the first event.</param>
/// <param name="LastPosition">The position of the last event.</param>
/// <param name="At">The time when the segment was started.</param>
/// <param name="By">The user or program that archives; null if it is unknown.</param>
public sealed record ArchiveSegment(
    long Number,
    string Name,
    ArchiveSegmentState State,
    int Events,
    long FirstPosition,
    long LastPosition,
    DateTimeOffset At,
    string? By)
{
    /// <summary>Gets the size of the object in bytes; 0 until it is archived.</summary>
    public long Bytes { get; init; }

    /// <summary>Gets the SHA-256 hash of the object, in lower case; empty until it is archived.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Gets the version of the stored document.</summary>
    [JsonIgnore]
    internal long Version { get; init; }
}

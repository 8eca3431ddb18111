using System.Text.Json.Serialization;

namespace Millrace.Storage.Archives;

/// <summary>
/// Up to where scheduled runs have archived the streams of a selection. Until the next run, only later events, later
/// removals and restorations can add streams to the selection.
/// </summary>
/// <param name="Selection">The conditions of the selection, except for the time.</param>
/// <param name="Epoch">The epoch of the log.</param>
/// <param name="Position">The position of the last event that a run considered.</param>
/// <param name="Removal">The number of the last removal that a run considered.</param>
/// <param name="Restorations">The hash of the restorations that a run considered.</param>
internal sealed record ArchiveProgress(
    string Selection, long Epoch, long Position, long Removal, string Restorations)
{
    /// <summary>Gets the time before which a stream must have ended; null for any time.</summary>
    public DateTimeOffset? InactiveSince { get; init; }

    /// <summary>
    /// Gets the time of the earliest restoration because of which a stream was not archived; null for none.
    /// </summary>
    public DateTimeOffset? RestoredAt { get; init; }

    /// <summary>Gets the version of the document; 0 if it does not exist.</summary>
    [JsonIgnore]
    public long Version { get; init; }

    /// <summary>
    /// Returns whether a run can continue from here, so that it needs no events before <see cref="Position"/> of other
    /// streams.
    /// </summary>
    /// <param name="next">The conditions of the run.</param>
    public bool CanContinue(ArchiveProgress next) =>
        Selection == next.Selection
        && Epoch == next.Epoch
        && Restorations == next.Restorations
        && !(next.InactiveSince < InactiveSince) // The clock or the setting went back.
        && !(RestoredAt < next.InactiveSince); // A restored stream may be selected again.
}

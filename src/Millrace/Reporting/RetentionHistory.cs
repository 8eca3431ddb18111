using System.Runtime.CompilerServices;
using Millrace.Auditing;
using Millrace.Events;
using Millrace.Retention;

namespace Millrace.Reporting;

/// <summary>Reads the events of retention in the order of the log, also if some cannot be read.</summary>
internal sealed class RetentionHistory(EventStore store, ReportPeriod period)
{
    /// <summary>
    /// Reads the events of some types, or of all types if there are none, up to the head. An event that cannot be read
    /// has no note.
    /// </summary>
    public async IAsyncEnumerable<(long Position, RecordedEvent? Event, RetentionNote? Note)> Read(
        IReadOnlyList<string> types, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var filter = new EventFilter { StreamPrefix = RetentionEvents.Stream, Types = types };
        await foreach (var (position, recorded) in StoredEventReader
            .Read(store.Stored.Storage.Log, filter, period.Head, cancellationToken).ConfigureAwait(false))
        {
            if (recorded is null)
                yield return (position, null, null);
            else if (RetentionEvents.IsStream(recorded.Stream.Value))
                yield return (position, recorded, RetentionLog.TryRead(recorded));
        }
    }

    /// <summary>Reads the streams from which runs of the period removed events.</summary>
    public async IAsyncEnumerable<RetentionRemovalRow> ReadRemovals(
        IReadOnlySet<string> runs, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var events = Read([RetentionEvents.Removed], cancellationToken);
        await foreach (var (position, recorded, note) in events.ConfigureAwait(false))
        {
            if (recorded is null || note is not { Policy: { } policy, Streams: { } streams }
                || RunOf(recorded) is not { } run || !runs.Contains(run))
                continue;
            foreach (var removed in streams)
                yield return new RetentionRemovalRow(
                    position, recorded.Timestamp, run, policy, removed.Stream, removed.To, removed.Events,
                    removed.Bytes);
        }
    }

    /// <summary>Reads the data subjects whose personal data runs of the period erased.</summary>
    public async IAsyncEnumerable<RetentionErasureRow> ReadErasures(
        IReadOnlySet<string> runs, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var events = Read([RetentionEvents.Erased], cancellationToken);
        await foreach (var (position, recorded, note) in events.ConfigureAwait(false))
        {
            if (recorded is not null
                && note is { Policy: { } policy, Subject: { } subject, Erasure: { } erasure }
                && RunOf(recorded) is { } run && runs.Contains(run))
                yield return new RetentionErasureRow(position, recorded.Timestamp, run, policy, subject, erasure);
        }
    }

    /// <summary>Returns the id of the run of an event; null for a declaration.</summary>
    public static string? RunOf(RecordedEvent recorded) =>
        recorded.Stream.Value.StartsWith(RetentionEvents.StreamPrefix, StringComparison.Ordinal)
            ? recorded.Stream.Value[RetentionEvents.StreamPrefix.Length..]
            : null;
}

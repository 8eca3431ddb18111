using System.Runtime.CompilerServices;
using Millrace.Auditing;
using Millrace.Events;
using Millrace.Security;

namespace Millrace.Reporting;

/// <summary>Reads the reserved streams from which reports are created, also if some events cannot be read.</summary>
internal static class SourceReader
{
    private static readonly StreamId[] Streams = [AccessEvents.Stream, ReportLog.Stream];

    /// <summary>Reads the events of a stream up to a position. One that cannot be read has only its position.</summary>
    public static async IAsyncEnumerable<(long Position, RecordedEvent? Event)> Read(
        EventStore store,
        StreamId stream,
        long head,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var filter = new EventFilter { StreamPrefix = stream.Value };
        await foreach (var (position, recorded) in StoredEventReader
            .Read(store.Stored.Storage.Log, filter, head, cancellationToken).ConfigureAwait(false))
        {
            if (recorded is null || recorded.Stream == stream)
                yield return (position, recorded);
        }
    }

    /// <summary>Reads the entries of the audit trail in the period, without those that cannot be read.</summary>
    public static async IAsyncEnumerable<AuditEntry> ReadAudit(
        EventStore store, ReportPeriod period, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var (_, entry) in ReadEntries(store, period, cancellationToken).ConfigureAwait(false))
        {
            if (entry is not null)
                yield return entry;
        }
    }

    /// <summary>Adds a finding for each event of rights, reports and the audit trail that cannot be read.</summary>
    public static async ValueTask Check(
        EventStore store, ReportPeriod period, ReportFindings findings, CancellationToken cancellationToken)
    {
        foreach (var stream in Streams)
        {
            await foreach (var (position, recorded) in Read(store, stream, period.Head, cancellationToken)
                .ConfigureAwait(false))
            {
                if (recorded is null)
                    findings.Add(
                        "sourceUnreadable", $"The event of {stream} at position {position} cannot be read.", position);
            }
        }
        await foreach (var (position, entry) in ReadEntries(store, period, cancellationToken).ConfigureAwait(false))
        {
            if (entry is null)
                findings.Add(
                    "sourceUnreadable", $"The audit entry at position {position} cannot be read.", position);
        }
    }

    private static async IAsyncEnumerable<(long Position, AuditEntry? Entry)> ReadEntries(
        EventStore store, ReportPeriod period, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = new EventFilter
        {
            Types = [PlatformEvents.AuditRecorded],
            From = period.From,
            To = period.To,
        };
        await foreach (var (position, recorded) in StoredEventReader
            .Read(store.Stored.Storage.Log, filter, period.Head, cancellationToken).ConfigureAwait(false))
            yield return (position, recorded is null ? null : AuditJson.TryRead(recorded));
    }
}

using Millrace.Auditing;
using Millrace.Security;

namespace Millrace.Reporting;

/// <summary>Finds removals of events that a report would otherwise contain.</summary>
internal static class ReportRemovals
{
    private static readonly HashSet<StreamId> Sources = [AuditTrail.Stream, AccessEvents.Stream, ReportLog.Stream];

    /// <summary>
    /// Reads the removals since the start of the period, also those after its end, because they can concern events of
    /// the period.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="period">The period.</param>
    /// <param name="isOfReport">Whether a stream is part of the report, in addition to its common sources.</param>
    /// <param name="findings">Receives a finding with the number of removals.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<IReadOnlyList<RemovalRow>> Read(
        EventStore store,
        ReportPeriod period,
        Func<StreamId, bool> isOfReport,
        ReportFindings findings,
        CancellationToken cancellationToken)
    {
        var all = await store.ListRemovals(null, cancellationToken).ConfigureAwait(false);
        RemovalRow[] rows =
        [
            .. all.Where(removal => Sources.Contains(removal.Stream) || isOfReport(removal.Stream))
                .Where(removal => !(removal.At < period.From))
                .Select(removal => new RemovalRow(
                    removal.At, removal.Stream.Value, removal.Kind.ToString(), removal.FromVersion, removal.ToVersion,
                    removal.Events, removal.User, removal.Reason)),
        ];
        var events = rows.Sum(row => row.Events);
        if (rows.Length > 0)
            findings.Add(
                "changesRemoved",
                $"{ReportTexts.Count(rows.Length, "removal")} took {ReportTexts.Count(events, "event")} from streams "
                    + "of this report. Events of the period can be among them.");
        return rows;
    }
}

using System.Runtime.CompilerServices;
using Millrace.Events;
using Millrace.Security;

namespace Millrace.Reporting;

/// <summary>Reads the changes of rights in a period.</summary>
internal static class RightChanges
{
    public static async IAsyncEnumerable<RightRow> Read(
        EventStore store, ReportPeriod period, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var (_, recorded) in SourceReader
            .Read(store, AccessEvents.Stream, period.Head, cancellationToken).ConfigureAwait(false))
        {
            if (recorded is not null && period.Contains(recorded.Timestamp))
                yield return RowOf(recorded);
        }
    }

    private static RightRow RowOf(RecordedEvent recorded)
    {
        var change = recorded.Type switch
        {
            PlatformEvents.AccessGranted => "granted",
            PlatformEvents.AccessRevoked => "revoked",
            PlatformEvents.AccessDeclared => "declared",
            _ => recorded.Type,
        };
        var row = new RightRow(recorded.Position, recorded.Timestamp, change);
        if (recorded.Type == PlatformEvents.AccessDeclared)
            return row with { Right = "the roles of the application", BySystem = true };
        return AccessEvents.ReadGrant(recorded) is { } grant
            ? row with
            {
                To = grant.To.ToString(),
                Right = grant.Right,
                By = grant.By,
                BySystem = grant.IsBySystem,
                Reason = grant.Reason,
            }
            : row with { Reason = "The event cannot be read." };
    }
}

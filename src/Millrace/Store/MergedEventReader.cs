using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Joins events that the model merges into one event. An event can also be joined with an event directly before or
/// after the page.
/// </summary>
/// <remarks>
/// If the neighbor of an event is not in the page, this class reads the neighbor from the stream. So the result does
/// not depend on the filter, the direction or the start of a read.
/// </remarks>
internal sealed class MergedEventReader(ILogStorage log, EventSerializer serializer)
{
    public async ValueTask Join(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var recorded = events[i];
            if (recorded.Partner is not null || serializer.Types.RoleOf(recorded) is not { } role)
                continue;
            var step = role.IsFirst ? 1 : -1;
            var foundNeighbor = TryJoin(recorded, i > 0 ? events[i - 1] : null, step)
                || TryJoin(recorded, i + 1 < events.Count ? events[i + 1] : null, step);
            if (!foundNeighbor && recorded.Version + step > 0)
                await FindMergePartner(recorded, step, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Joins an event with a neighbor in the page if they are adjacent in both the log and the stream. Returns whether
    /// they are adjacent in one of these. If so, no event outside the page can be the partner.
    /// </summary>
    private bool TryJoin(RecordedEvent recorded, RecordedEvent? other, int step)
    {
        if (other is null)
            return false;
        var isNextInLog = other.Position == recorded.Position + step;
        var isNextInStream = other.Version == recorded.Version + step && other.Stream == recorded.Stream;
        if (isNextInLog && isNextInStream)
            Join(recorded, other, step);
        return isNextInLog || isNextInStream;
    }

    private async ValueTask FindMergePartner(RecordedEvent recorded, int step, CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(recorded.Stream, recorded.Version + step, IsBackwards: false, 1);
        var page = await log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        if (page.Events is not [var other]
            || other.Version != recorded.Version + step
            || other.Position != recorded.Position + step)
            return;
        other.Decoder ??= serializer;
        Join(recorded, other, step);
    }

    private void Join(RecordedEvent recorded, RecordedEvent other, int step) =>
        serializer.Types.Join(step > 0 ? recorded : other, step > 0 ? other : recorded);
}

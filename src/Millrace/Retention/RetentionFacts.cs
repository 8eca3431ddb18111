using Millrace.Erasing;
using Millrace.Storage;

namespace Millrace.Retention;

/// <summary>
/// The facts that keep expired streams: legal holds, and consumers that have not read the events yet.
/// </summary>
/// <param name="Holds">The active legal holds.</param>
/// <param name="Consumer">The consumer that is furthest behind; null if there is none.</param>
/// <param name="Checkpoint">The last position that all consumers have finished.</param>
internal sealed record RetentionFacts(LegalHolds Holds, string? Consumer, long Checkpoint)
{
    /// <summary>Reads the facts, with the keys of all held subjects.</summary>
    public static async ValueTask<RetentionFacts> Read(ErasureScope scope, CancellationToken cancellationToken) =>
        await With(
            scope, await LegalHolds.Read(scope, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Reads the facts again. The holds are only read if an event about holds was appended since.</summary>
    public static async ValueTask<RetentionFacts> Refresh(
        ErasureScope scope, RetentionFacts earlier, CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(scope.HoldsStream, long.MaxValue, IsBackwards: true, Limit: 1);
        var page = await scope.Storage.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        var position = page.Events.Count == 0 ? 0 : page.Events[0].Position;
        return position == earlier.Holds.Position
            ? await With(scope, earlier.Holds, cancellationToken).ConfigureAwait(false)
            : await Read(scope, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<RetentionFacts> With(
        ErasureScope scope, LegalHolds holds, CancellationToken cancellationToken)
    {
        var table = await scope.Storage.Leases.Inspect(scope.Store.Time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
        var last = table.Consumers
            .Where(record => record.Partitions > 0
                && record.Consumer.StartsWith(scope.Prefix, StringComparison.Ordinal))
            .MinBy(record => record.Checkpoint ?? 0);
        return last is null
            ? new RetentionFacts(holds, null, long.MaxValue)
            : new RetentionFacts(holds, scope.ToOwn(last.Consumer), last.Checkpoint ?? 0);
    }
}

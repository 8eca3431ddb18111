using Millrace.Erasing;

namespace Millrace.Retention;

/// <summary>
/// The facts that keep expired streams: legal holds, and consumers that have not read the events yet.
/// </summary>
/// <param name="Holds">The active legal holds.</param>
/// <param name="Consumer">The consumer that is furthest behind; null if there is none.</param>
/// <param name="Checkpoint">The last position that all consumers have finished.</param>
internal sealed record RetentionFacts(LegalHolds Holds, string? Consumer, long Checkpoint)
{
    public static async ValueTask<RetentionFacts> Read(ErasureScope scope, CancellationToken cancellationToken)
    {
        var holds = await LegalHolds.Read(scope, cancellationToken).ConfigureAwait(false);
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

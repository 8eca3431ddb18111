using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>
/// A lease that receivers share, each with its own consumer. A receiver keeps its entries while it renews them.
/// Released entries are moved to an unused consumer with the maximum idle time, and other receivers claim them at their
/// next check.
/// </summary>
internal sealed class SharedGroupLease(GroupClient group, string consumer) : IGroupLease
{
    private const string ReturnedConsumer = "returned";
    private const long ReturnedIdleMilliseconds = 31_536_000_000; // A year: longer than any timeout.

    private const string RemoveScript =
        "if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 "
        + "then return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2]) end return 0";

    public string Consumer => consumer;

    public string Owner => "";

    public ValueTask<bool> TryTake(CancellationToken cancellationToken) => new(true);

    public async ValueTask Renew(IReadOnlyList<EntryId> unacknowledged, CancellationToken cancellationToken)
    {
        if (unacknowledged.Count > 0)
            await Claim(consumer, unacknowledged, 0, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask Release(IReadOnlyList<EntryId> unacknowledged, CancellationToken cancellationToken)
    {
        if (unacknowledged.Count > 0)
            await Claim(ReturnedConsumer, unacknowledged, ReturnedIdleMilliseconds, cancellationToken)
                .ConfigureAwait(false);
        // Deletes the consumer only if it has no entries, which would be deleted as well.
        await group
            .Run(RemoveScript, [group.Name.Stream], [group.Name.Group, consumer], cancellationToken)
            .ConfigureAwait(false);
    }

    public void Leave()
    {
    }

    private async ValueTask Claim(
        string newConsumer, IReadOnlyList<EntryId> ids, long idle, CancellationToken cancellationToken)
    {
        RedisKey stream = group.Name.Stream;
        await group
            .Execute(
                "XCLAIM",
                [
                    stream,
                    group.Name.Group,
                    newConsumer,
                    0,
                    .. ids.Select(static id => id.ToString()),
                    "IDLE",
                    idle,
                    "JUSTID",
                ],
                cancellationToken)
            .ConfigureAwait(false);
    }
}

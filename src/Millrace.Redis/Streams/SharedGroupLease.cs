using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>
/// Receivers beside each other, each a consumer of its own. What one has is its own as long as it says so; what it
/// gives back lies with a consumer that nobody is, as old as can be, and the others take it over when they next look.
/// </summary>
internal sealed class SharedGroupLease(GroupClient group, string consumer) : IGroupLease
{
    private const string ReturnedConsumer = "returned";
    private const long ReturnedIdleMilliseconds = 31_536_000_000; // A year, in milliseconds: longer than anybody waits.

    private const string RemoveScript =
        "if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 "
        + "then return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2]) end return 0";

    public string Consumer => consumer;

    public string Owner => "";

    public ValueTask<bool> TryTake(CancellationToken cancellationToken) => new(true);

    public async ValueTask Renew(IReadOnlyList<EntryId> held, CancellationToken cancellationToken)
    {
        if (held.Count > 0)
            await Claim(consumer, held, 0, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask Release(IReadOnlyList<EntryId> held, CancellationToken cancellationToken)
    {
        if (held.Count > 0)
            await Claim(ReturnedConsumer, held, ReturnedIdleMilliseconds, cancellationToken).ConfigureAwait(false);
        // Only if it has nothing: with a consumer goes what it had.
        await group
            .Run(RemoveScript, [group.Name.Stream], [group.Name.Group, consumer], cancellationToken)
            .ConfigureAwait(false);
    }

    public void Leave()
    {
    }

    private async ValueTask Claim(string by, IReadOnlyList<EntryId> ids, long idle, CancellationToken cancellationToken)
    {
        RedisKey stream = group.Name.Stream;
        await group
            .Execute(
                "XCLAIM",
                [stream, group.Name.Group, by, 0, .. ids.Select(static id => id.ToString()), "IDLE", idle, "JUSTID"],
                cancellationToken)
            .ConfigureAwait(false);
    }
}

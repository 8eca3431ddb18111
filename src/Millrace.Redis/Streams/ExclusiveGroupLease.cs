using Millrace.Redis.Client;

namespace Millrace.Redis.Streams;

/// <summary>
/// A lease that one receiver has at a time, so that the messages of a key keep their order. It is stored in a separate
/// Redis key. All receivers read as the same consumer, so that the next one finds the entries that the previous one has
/// not acknowledged.
/// </summary>
internal sealed class ExclusiveGroupLease(GroupClient group, string owner, LocalGroupOwner localOwner) : IGroupLease
{
    private const string TakeScript =
        "local holder = redis.call('GET', KEYS[1]) "
        + "if holder and holder ~= ARGV[1] then return 0 end "
        + "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1";

    private const string ReleaseScript =
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

    private readonly string _key = group.Name.KeyOf("holder");
    private readonly long _milliseconds = (long)group.TakeOverAfter.TotalMilliseconds;
    private long _renewed;
    private volatile bool _isHeld;

    public string Consumer => "millrace";

    public string Owner => owner;

    public async ValueTask<bool> TryTake(CancellationToken cancellationToken)
    {
        if (!_isHeld && localOwner.TryTake(this, group.Block))
            _isHeld = await TakeLease(cancellationToken).ConfigureAwait(false);
        return _isHeld;
    }

    public async ValueTask Renew(IReadOnlyList<EntryId> unacknowledged, CancellationToken cancellationToken)
    {
        if (!_isHeld)
            return;
        if (group.Time.GetElapsedTime(_renewed) > group.TakeOverAfter
            || !await TakeLease(cancellationToken).ConfigureAwait(false))
        {
            throw new RedisConnectionLostException(
                $"the subscription '{group.Name.Group}' now belongs to another node: this one was silent for longer "
                    + "than TakeOverAfter."
            );
        }
    }

    public async ValueTask Release(IReadOnlyList<EntryId> unacknowledged, CancellationToken cancellationToken)
    {
        if (!_isHeld)
            return;
        await group.Run(ReleaseScript, [_key], [owner], cancellationToken).ConfigureAwait(false);
        _isHeld = false;
    }

    public void Leave() => localOwner.Leave(this, isReleased: !_isHeld);

    private async ValueTask<bool> TakeLease(CancellationToken cancellationToken)
    {
        var started = group.Time.GetTimestamp();
        var answer = await group
            .Run(TakeScript, [_key], [owner, _milliseconds], cancellationToken)
            .ConfigureAwait(false);
        if (answer.Number("the answer of a lease") != 1)
            return false;
        _renewed = started;
        return true;
    }
}

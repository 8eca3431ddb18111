using Millrace.Messaging;
using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>
/// Reads a group as one of its consumers: first the consumer's pending entries, then those that other consumers have
/// had for too long, then new ones.
/// </summary>
internal sealed class EntryReader(GroupClient group, IGroupLease hold, Subscription subscription, TimeProvider time)
{
    private const int FirstEntries = 8;
    private const long BatchBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan MaxClaimInterval = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _betweenClaims = TimeSpan.FromTicks(
        Math.Min(MaxClaimInterval.Ticks, group.TakeOverAfter.Ticks / 2));
    private readonly List<RedisDelivery> _read = [];
    private readonly List<EntryId> _pendingIds = [];
    private EntryId _ownAfter;
    private EntryId _claimFrom;
    private long? _claimed;
    private bool _hasReadOwn;
    private int _atOnce = FirstEntries;

    /// <summary>True while it waits for new entries.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>
    /// Reads entries; returns none after a wait without any, or if all had types that are not requested.
    /// </summary>
    public async ValueTask<IReadOnlyList<RedisDelivery>> Read(int maxCount, CancellationToken cancellationToken)
    {
        maxCount = Math.Min(maxCount, _atOnce);
        _read.Clear();
        _pendingIds.Clear();
        if (!_hasReadOwn)
            AddOwn(await group.ReadOwn(hold.Consumer, _ownAfter, maxCount, cancellationToken).ConfigureAwait(false));
        else if (_claimed is not { } last || time.GetElapsedTime(last) >= _betweenClaims)
            AddClaimed(await group.Claim(hold.Consumer, _claimFrom, maxCount, cancellationToken).ConfigureAwait(false));
        else
            AddStream(await ReadNew(maxCount, cancellationToken).ConfigureAwait(false), isAgain: false);
        if (_pendingIds.Count > 0)
            await group.Acknowledge(_pendingIds, cancellationToken).ConfigureAwait(false);
        return _read;
    }

    private async ValueTask<RedisResult> ReadNew(int maxCount, CancellationToken cancellationToken)
    {
        IsBlocked = true;
        try
        {
            return await group.ReadNew(hold.Consumer, maxCount, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            IsBlocked = false;
        }
    }

    private void AddOwn(RedisResult answer) => _hasReadOwn = AddStream(answer, isAgain: true) == 0;

    private void AddClaimed(RedisResult answer)
    {
        if (answer.Items("the answer for claimed entries") is not { Length: >= 2 } parts)
            throw RedisConnectionLostException.UnexpectedReply("the answer for claimed entries has no entries");
        AddEntries(parts[1], isAgain: true);
        _claimFrom = EntryId.Parse(parts[0]);
        if (_claimFrom == default)
            _claimed = time.GetTimestamp();
    }

    /// <summary>Adds the entries of the requested stream; returns their number.</summary>
    private int AddStream(RedisResult answer, bool isAgain)
    {
        if (answer.IsNull)
            return 0;
        var streams = answer.Items("the answer for read entries");
        if (answer.Resp3Type != ResultType.Map) // The form of RESP2.
            streams = streams is [var stream] ? stream.Items("a stream") : streams;
        return streams is [_, var entries]
            ? AddEntries(entries, isAgain)
            : throw RedisConnectionLostException.UnexpectedReply("the answer for read entries has no stream");
    }

    private int AddEntries(RedisResult list, bool isAgain)
    {
        var entries = list.Items("the entries of a stream");
        var bytes = 0L;
        foreach (var one in entries)
        {
            if (one.IsNull)
                continue; // It was claimed, and removed from the stream earlier.
            if (one.Items("an entry") is not { Length: 2 } entry)
                throw RedisConnectionLostException.UnexpectedReply(
                    $"an entry is {RedisResultExtensions.Description(one)}");
            var id = EntryId.Parse(entry[0]);
            if (!_hasReadOwn)
                _ownAfter = id;
            if (entry[1].IsNull)
                _pendingIds.Add(id); // It was removed from the stream: no consumer can get it any more.
            else
                bytes += Add(id, entry[1].Values("the fields of an entry"), isAgain);
        }
        if (entries.Length > 0)
            _atOnce =
                bytes > BatchBytes ? Math.Max(1, _atOnce / 2)
                : bytes < BatchBytes / 2 ? Math.Min(_atOnce * 2, 1 << 20)
                : _atOnce;
        return entries.Length;
    }

    private int Add(EntryId id, RedisValue[] fields, bool isAgain)
    {
        var (message, problem) = EntryConverter.Read(fields);
        if (message.Type.Length > 0 && !subscription.Takes(message.Type))
            _pendingIds.Add(id);
        else
            _read.Add(
                new RedisDelivery(id, message, problem, isAgain) { Fields = subscription.Retries is null ? [] : fields }
            );
        return message.Body.Length;
    }
}

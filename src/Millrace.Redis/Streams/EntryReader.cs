using Millrace.Messaging;
using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>
/// Reads entries of a group as one of its consumers. Reads first the consumer's pending entries, then entries that
/// other consumers have not acknowledged in time, then new entries.
/// </summary>
internal sealed class EntryReader(GroupClient group, IGroupLease lease, Subscription subscription, TimeProvider time)
{
    private const int FirstEntries = 8;
    private const long BatchBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan MaxClaimInterval = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _claimInterval = TimeSpan.FromTicks(
        Math.Min(MaxClaimInterval.Ticks, group.TakeOverAfter.Ticks / 2));
    private readonly List<RedisDelivery> _read = [];
    private readonly List<EntryId> _idsToAcknowledge = [];
    private EntryId _lastPendingId;
    private EntryId _claimFrom;
    private long? _lastClaim;
    private bool _hasReadPending;
    private int _readCount = FirstEntries;

    /// <summary>Gets whether the reader waits for new entries.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>
    /// Reads entries. Returns no deliveries if no entry came in time, or if the subscription includes none of their
    /// types.
    /// </summary>
    public async ValueTask<IReadOnlyList<RedisDelivery>> Read(int maxCount, CancellationToken cancellationToken)
    {
        maxCount = Math.Min(maxCount, _readCount);
        _read.Clear();
        _idsToAcknowledge.Clear();
        if (!_hasReadPending)
            AddPending(
                await group.ReadPending(lease.Consumer, _lastPendingId, maxCount, cancellationToken)
                    .ConfigureAwait(false));
        else if (_lastClaim is not { } last || time.GetElapsedTime(last) >= _claimInterval)
            AddClaimed(
                await group.Claim(lease.Consumer, _claimFrom, maxCount, cancellationToken).ConfigureAwait(false));
        else
            AddStream(await ReadNew(maxCount, cancellationToken).ConfigureAwait(false), isRedelivered: false);
        if (_idsToAcknowledge.Count > 0)
            await group.Acknowledge(_idsToAcknowledge, cancellationToken).ConfigureAwait(false);
        return _read;
    }

    private async ValueTask<RedisResult> ReadNew(int maxCount, CancellationToken cancellationToken)
    {
        IsBlocked = true;
        try
        {
            return await group.ReadNew(lease.Consumer, maxCount, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            IsBlocked = false;
        }
    }

    private void AddPending(RedisResult answer) => _hasReadPending = AddStream(answer, isRedelivered: true) == 0;

    private void AddClaimed(RedisResult answer)
    {
        if (answer.Items("the answer for claimed entries") is not { Length: >= 2 } parts)
            throw RedisConnectionLostException.UnexpectedReply("the answer for claimed entries has no entries");
        AddEntries(parts[1], isRedelivered: true);
        _claimFrom = EntryId.Parse(parts[0]);
        if (_claimFrom == default)
            _lastClaim = time.GetTimestamp();
    }

    /// <summary>Adds the entries of the requested stream; returns their number.</summary>
    private int AddStream(RedisResult answer, bool isRedelivered)
    {
        if (answer.IsNull)
            return 0;
        var streams = answer.Items("the answer for read entries");
        if (answer.Resp3Type != ResultType.Map) // RESP2 puts each stream and its entries into an inner array.
            streams = streams is [var stream] ? stream.Items("a stream") : streams;
        return streams is [_, var entries]
            ? AddEntries(entries, isRedelivered)
            : throw RedisConnectionLostException.UnexpectedReply("the answer for read entries has no stream");
    }

    private int AddEntries(RedisResult list, bool isRedelivered)
    {
        var entries = list.Items("the entries of a stream");
        var bytes = 0L;
        foreach (var one in entries)
        {
            if (one.IsNull)
                continue; // Redis returns null for a claimed entry that was removed from the stream earlier.
            if (one.Items("an entry") is not { Length: 2 } entry)
                throw RedisConnectionLostException.UnexpectedReply(
                    $"an entry is {RedisResultExtensions.Description(one)}");
            var id = EntryId.Parse(entry[0]);
            if (!_hasReadPending)
                _lastPendingId = id;
            if (entry[1].IsNull)
                _idsToAcknowledge.Add(id); // The entry was removed from the stream, so no consumer can get its content.
            else
                bytes += Add(id, entry[1].Values("the fields of an entry"), isRedelivered);
        }
        if (entries.Length > 0)
            _readCount =
                bytes > BatchBytes ? Math.Max(1, _readCount / 2)
                : bytes < BatchBytes / 2 ? Math.Min(_readCount * 2, 1 << 20)
                : _readCount;
        return entries.Length;
    }

    private int Add(EntryId id, RedisValue[] fields, bool isRedelivered)
    {
        var (message, problem) = EntryConverter.Read(fields);
        if (message.Type.Length > 0 && !subscription.Includes(message.Type))
            _idsToAcknowledge.Add(id);
        else
            _read.Add(
                new RedisDelivery(id, message, problem, isRedelivered)
                {
                    Fields = subscription.Retries is null ? [] : fields,
                });
        return message.Body.Length;
    }
}

using Millrace.Redis.Client;
using Millrace.Redis.Streams;
using StackExchange.Redis;

namespace Millrace.Redis.Retries;

/// <summary>Runs commands on the retries of a group, for one receiver.</summary>
/// <param name="group">The group, over the receiver's own connections.</param>
/// <param name="lease">The receiver's lease of the group.</param>
/// <param name="ownerId">The id of this receiver as the owner of leased keys.</param>
internal sealed class RetryCommands(GroupClient group, IGroupLease lease, string ownerId)
{
    private const int MaxErrorLength = 1_000;
    private const long LeaseLostCode = -1;
    private const long StoredCode = 1;
    private const long MissingCode = 2;

    private readonly RedisKey _due = group.Name.KeyOf("retry:due");
    private readonly RedisKey[] _keys =
    [
        group.Name.Stream,
        group.Name.KeyOf("holder"),
        .. ((string[])["due", "order", "items", "notes", "owners", "next"]).Select(part =>
            (RedisKey)group.Name.KeyOf($"retry:{part}")),
    ];

    public GroupClient Group => group;

    /// <summary>Gets whether only this receiver adds to the queue while it has the lease of the group.</summary>
    public bool HasExclusiveLease => lease.Owner.Length > 0;

    /// <summary>Moves an entry into the queue, atomically with its acknowledgement.</summary>
    /// <param name="delivery">The entry.</param>
    /// <param name="pause">The delay until the message is due; null to add it only behind others of its key.</param>
    /// <param name="problem">The error.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<RetryEnqueueResult> Add(
        RedisDelivery delivery, TimeSpan? pause, string problem, CancellationToken cancellationToken)
    {
        RedisValue due = pause is { } delay ? Milliseconds(delay) : RedisValue.EmptyString;
        var answer = await RunAndRead(
                RetryScripts.Add,
                [delivery.Message.Key, delivery.Id.ToString(), due, Clip(problem), .. delivery.Fields],
                cancellationToken)
            .ConfigureAwait(false);
        return answer.Code == LeaseLostCode
            ? throw new RedisConnectionLostException(
                $"the subscription '{group.Name.Group}' now belongs to another node.")
            : new RetryEnqueueResult(
                answer.Code == StoredCode, answer.Code == MissingCode, answer.CountOfKey, answer.Total);
    }

    /// <summary>Postpones a message again after another failure.</summary>
    public async ValueTask<RetryEnqueueResult> PostponeAgain(
        RetryDelivery delivery, TimeSpan pause, string problem, CancellationToken cancellationToken)
    {
        var answer = await RunAndRead(
            RetryScripts.PostponeAgain,
            [delivery.Key, delivery.Number, Milliseconds(pause), Clip(problem)],
            cancellationToken)
            .ConfigureAwait(false);
        return new RetryEnqueueResult(
            answer.Code == StoredCode, answer.Code == LeaseLostCode, answer.CountOfKey, answer.Total);
    }

    /// <summary>Leases due messages.</summary>
    /// <param name="maxCount">The maximum number of messages.</param>
    /// <param name="bytes">The approximate maximum of their bytes.</param>
    /// <param name="reportedKey">A key; the result contains the number of its waiting messages.</param>
    /// <param name="isFirst">True for the first call: an exclusive owner of the group does not wait for earlier
    /// leases.</param>
    /// <param name="isLeftover">True to ignore pauses: all messages without a lease are due.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<DueRetries> Take(
        int maxCount, long bytes, string reportedKey, bool isFirst, bool isLeftover,
        CancellationToken cancellationToken)
    {
        var answer = await Run(
                RetryScripts.Take,
                [
                    Milliseconds(group.TakeOverAfter),
                    maxCount,
                    bytes,
                    reportedKey,
                    isFirst && HasExclusiveLease ? 1 : 0,
                    isFirst && isLeftover ? 1 : 0,
                ],
                cancellationToken)
            .ConfigureAwait(false);
        if (answer.Items("the answer for due messages") is not [var next, var total, var ofKey, var taken])
            throw RedisConnectionLostException.UnexpectedReply("the answer for due messages does not have four parts");
        var deliveries = new List<RetryDelivery>();
        foreach (var one in taken.Items("the messages that are due"))
            deliveries.Add(Read(one));
        var soonest = next.Number("the time until the next is due");
        var waiting = total.Number("how many wait");
        return new DueRetries(
            soonest < 0 ? null : TimeSpan.FromMilliseconds(soonest),
            waiting < 0 ? null : waiting,
            ofKey.Number("the number of waiting messages of a key"),
            deliveries);
    }

    /// <summary>Removes handled messages; returns the number of waiting messages.</summary>
    public async ValueTask<long> Remove(
        IReadOnlyList<(RetryDelivery Delivery, bool IsLast)> done, CancellationToken cancellationToken)
    {
        var arguments = new RedisValue[3 * done.Count];
        for (var i = 0; i < done.Count; i++)
        {
            (arguments[3 * i], arguments[(3 * i) + 1]) = (done[i].Delivery.Key, done[i].Delivery.Number);
            arguments[(3 * i) + 2] = done[i].IsLast ? 1 : 0;
        }
        return (await Run(RetryScripts.Remove, arguments, cancellationToken).ConfigureAwait(false)).Number(
            "the number of waiting messages");
    }

    /// <summary>Extends the leases of keys.</summary>
    public ValueTask<RedisResult> Renew(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        Run(RetryScripts.Renew, [Milliseconds(group.TakeOverAfter), .. Values(keys)], cancellationToken);

    /// <summary>Releases keys.</summary>
    public ValueTask<RedisResult> Release(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        Run(RetryScripts.Release, Values(keys), cancellationToken);

    /// <summary>Returns which keys have waiting messages.</summary>
    /// <returns>A value for each key, in the given order.</returns>
    public async ValueTask<bool[]> HaveWaiting(IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var scores = await group
            .Execute(database => database.SortedSetScoresAsync(_due, Values(keys)), cancellationToken)
            .ConfigureAwait(false);
        return scores.Length == keys.Count
            ? Array.ConvertAll(scores, static score => score is not null)
            : throw RedisConnectionLostException.UnexpectedReply(
                $"the answer for {keys.Count} keys has {scores.Length} values");
    }

    private ValueTask<RedisResult> Run(string script, RedisValue[] arguments, CancellationToken cancellationToken) =>
        group.Run(
            script, _keys, [group.Name.Group, lease.Consumer, lease.Owner, ownerId, .. arguments], cancellationToken);

    private static RedisValue[] Values(IReadOnlyCollection<string> keys) =>
        [.. keys.Select(static key => (RedisValue)key)];

    private async ValueTask<(long Code, long CountOfKey, long Total)> RunAndRead(
        string script, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        const string Subject = "the outcome of a message";
        var answer = await Run(script, arguments, cancellationToken).ConfigureAwait(false);
        return answer.Items(Subject) switch
        {
            [var code, var ofKey, var total] => (code.Number(Subject), ofKey.Number(Subject), total.Number(Subject)),
            [var code] => (code.Number(Subject), 0, 0),
            _ => throw RedisConnectionLostException.UnexpectedReply($"{Subject} has neither one part nor three"),
        };
    }

    private static RetryDelivery Read(RedisResult one)
    {
        if (one.Items("a message that is due") is not [var key, var number, var attempts, var fields])
            throw RedisConnectionLostException.UnexpectedReply("a message that is due does not have four parts");
        var (message, problem) = EntryConverter.Read(fields.Values("the fields of a message"));
        return new RetryDelivery(
            key.Value("a key").ToString(),
            number.Value("a number").ToString(),
            (int)attempts.Number("the attempts"),
            message,
            problem);
    }

    private static long Milliseconds(TimeSpan span) => (long)Math.Ceiling(span.TotalMilliseconds);

    private static string Clip(string text) =>
        text.Length <= MaxErrorLength ? text : string.Concat(text.AsSpan(0, MaxErrorLength - 1), "…");
}

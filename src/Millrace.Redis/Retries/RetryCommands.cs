using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>Asks Redis about the retries of a group, for one receiver of it.</summary>
/// <param name="group">The group, over the receiver's own connections.</param>
/// <param name="hold">How the receiver has its part of the group.</param>
/// <param name="own">What keys are leased for: of this receiver alone.</param>
internal sealed class RetryCommands(GroupClient group, IGroupLease hold, string own)
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

    /// <summary>Whether nobody else adds to the queue as long as the receiver has the group.</summary>
    public bool HasExclusiveLease => hold.Owner.Length > 0;

    /// <summary>Moves an entry into the queue, in one step with its acknowledgement.</summary>
    /// <param name="delivery">The entry.</param>
    /// <param name="pause">After how long it is due; null to join only behind others of its key.</param>
    /// <param name="problem">Why it could not be handled.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<RetryEnqueueResult> Add(
        RedisDelivery delivery, TimeSpan? pause, string problem, CancellationToken cancellationToken)
    {
        RedisValue due = pause is { } some ? Milliseconds(some) : RedisValue.EmptyString;
        var answer = await Ask(
                RetryScripts.Add,
                [delivery.Message.Key, delivery.Id.ToString(), due, Clip(problem), .. delivery.Fields],
                cancellationToken)
            .ConfigureAwait(false);
        return answer.Code == LeaseLostCode
            ? throw new RedisConnectionLostException($"the subscription '{group.Name.Group}' is another node's by now.")
            : new RetryEnqueueResult(answer.Code == StoredCode, answer.Code == MissingCode, answer.OfKey, answer.InAll);
    }

    /// <summary>Has a message wait again that has failed once more.</summary>
    public async ValueTask<RetryEnqueueResult> Again(
        RetryDelivery delivery, TimeSpan pause, string problem, CancellationToken cancellationToken)
    {
        var answer = await Ask(
            RetryScripts.Again, [delivery.Key, delivery.Number, Milliseconds(pause), Clip(problem)], cancellationToken)
            .ConfigureAwait(false);
        return new RetryEnqueueResult(
            answer.Code == StoredCode, answer.Code == LeaseLostCode, answer.OfKey, answer.InAll);
    }

    /// <summary>Leases what is due.</summary>
    /// <param name="most">The most messages.</param>
    /// <param name="bytes">About how many bytes of them at the most.</param>
    /// <param name="asked">A key of which is to be told how many wait.</param>
    /// <param name="isFirst">Whether it is the first time: who has the group alone has no need to wait for leases of
    /// those before.</param>
    /// <param name="isLeft">Whether no pauses are kept any more: all that nobody has leased is due.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<DueRetries> Take(
        int most, long bytes, string asked, bool isFirst, bool isLeft, CancellationToken cancellationToken)
    {
        var answer = await Run(
                RetryScripts.Take,
                [
                    Milliseconds(group.TakeOverAfter),
                    most,
                    bytes,
                    asked,
                    isFirst && HasExclusiveLease ? 1 : 0,
                    isFirst && isLeft ? 1 : 0,
                ],
                cancellationToken)
            .ConfigureAwait(false);
        if (answer.Items("what is due") is not [var next, var inAll, var ofKey, var taken])
            throw RedisConnectionLostException.UnexpectedReply("what is due has not four parts");
        var deliveries = new List<RetryDelivery>();
        foreach (var one in taken.Items("the messages that are due"))
            deliveries.Add(Read(one));
        var (soonest, waiting) = (next.Number("the time until the next is due"), inAll.Number("how many wait"));
        return new DueRetries(
            soonest < 0 ? null : TimeSpan.FromMilliseconds(soonest),
            waiting < 0 ? null : waiting,
            ofKey.Number("how many of a key wait"),
            deliveries);
    }

    /// <summary>Removes what is done; returns how many wait.</summary>
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
            "how many wait");
    }

    /// <summary>Leases keys for longer.</summary>
    public ValueTask<RedisResult> Renew(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        Run(RetryScripts.Renew, [Milliseconds(group.TakeOverAfter), .. Values(keys)], cancellationToken);

    /// <summary>Gives keys back.</summary>
    public ValueTask<RedisResult> Release(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        Run(RetryScripts.Release, Values(keys), cancellationToken);

    /// <summary>Asks which of some keys wait.</summary>
    /// <returns>For each of them, in the order given.</returns>
    public async ValueTask<bool[]> Wait(IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var scores = await group
            .Execute(database => database.SortedSetScoresAsync(_due, Values(keys)), cancellationToken)
            .ConfigureAwait(false);
        return scores.Length == keys.Count
            ? Array.ConvertAll(scores, static score => score is not null)
            : throw RedisConnectionLostException.UnexpectedReply(
                $"it was asked about {keys.Count} keys, and told of {scores.Length}");
    }

    private ValueTask<RedisResult> Run(string script, RedisValue[] arguments, CancellationToken cancellationToken) =>
        group.Run(script, _keys, [group.Name.Group, hold.Consumer, hold.Owner, own, .. arguments], cancellationToken);

    private static RedisValue[] Values(IReadOnlyCollection<string> keys) =>
        [.. keys.Select(static key => (RedisValue)key)];

    private async ValueTask<(long Code, long OfKey, long InAll)> Ask(
        string script, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        const string What = "what became of a message";
        var answer = await Run(script, arguments, cancellationToken).ConfigureAwait(false);
        return answer.Items(What) switch
        {
            [var code, var ofKey, var inAll] => (code.Number(What), ofKey.Number(What), inAll.Number(What)),
            [var code] => (code.Number(What), 0, 0),
            _ => throw RedisConnectionLostException.UnexpectedReply($"{What} has neither one part nor three"),
        };
    }

    private static RetryDelivery Read(RedisResult one)
    {
        if (one.Items("a message that is due") is not [var key, var number, var attempts, var fields])
            throw RedisConnectionLostException.UnexpectedReply("a message that is due has not four parts");
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

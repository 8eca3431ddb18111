using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>
/// What a receiver asks of its group, on two connections of its own: on one it waits for messages, on the other it
/// tells what became of them. When one is broken, so is the receiver: an acknowledgement never goes out after a break
/// that was not noticed yet.
/// </summary>
internal sealed class GroupClient(
    GroupName name,
    RedisConnection reading,
    RedisConnection telling,
    RedisOptions options,
    TimeProvider time) : IAsyncDisposable
{
    public GroupName Name => name;

    /// <summary>How long one wait for messages is. A receiver whose turn has run out waits for none any more.</summary>
    public TimeSpan Block { get; } =
        TimeSpan.FromTicks(Math.Min(RedisConnector.MaxBlock.Ticks, options.TakeOverAfter.Ticks / 3));

    public TimeProvider Time => time;

    public TimeSpan TakeOverAfter => options.TakeOverAfter;

    public Task Broken { get; } = Task.WhenAny(reading.Broken, telling.Broken);

    public RedisConnectionLostException? Failure => reading.Failure ?? telling.Failure;

    /// <summary>Whether the reading connection has an id to unblock it by: a role may lack the right to <c>CLIENT
    /// ID</c>.</summary>
    public bool CanUnblock => reading.Id > 0;

    private RedisKey Stream => name.Stream;

    /// <summary>
    /// Waits for messages that nobody has had, at most for <see cref="Block"/>. The library has no such read, as what
    /// it sends waits behind this one: here it is the connection's only one.
    /// </summary>
    public ValueTask<RedisResult> ReadNew(string consumer, int most, CancellationToken cancellationToken) =>
        reading.Ask(
            "XREADGROUP",
            [
                "GROUP",
                name.Group,
                consumer,
                "COUNT",
                most,
                "BLOCK",
                (long)Block.TotalMilliseconds,
                "STREAMS",
                Stream,
                ">",
            ],
            Block + options.AnswerTimeout,
            cancellationToken);

    /// <summary>Reads what a consumer has and has not acknowledged, after a place in the stream.</summary>
    public ValueTask<RedisResult> ReadOwn(
        string consumer, EntryId after, int most, CancellationToken cancellationToken) =>
        reading.Ask(
            "XREADGROUP",
            ["GROUP", name.Group, consumer, "COUNT", most, "STREAMS", Stream, after.ToString()],
            options.AnswerTimeout,
            cancellationToken);

    /// <summary>Takes over what others have had for too long, from a place in their list.</summary>
    public ValueTask<RedisResult> Claim(string consumer, EntryId from, int most, CancellationToken cancellationToken) =>
        reading.Ask(
            "XAUTOCLAIM",
            [
                Stream,
                name.Group,
                consumer,
                (long)options.TakeOverAfter.TotalMilliseconds,
                from.ToString(),
                "COUNT",
                most,
            ],
            options.AnswerTimeout,
            cancellationToken);

    /// <summary>Has Redis forget entries.</summary>
    public ValueTask<long> Acknowledge(IReadOnlyList<EntryId> ids, CancellationToken cancellationToken)
    {
        var entries = new RedisValue[ids.Count];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = ids[i].ToString();
        return Execute(database => database.StreamAcknowledgeAsync(Stream, name.Group, entries), cancellationToken);
    }

    /// <summary>Ends a wait for messages before its time; false when Redis knows of none, which may not have come to it
    /// yet.</summary>
    public async ValueTask<bool> Unblock(CancellationToken cancellationToken)
    {
        var ended = await Execute("CLIENT", ["UNBLOCK", reading.Id], cancellationToken).ConfigureAwait(false);
        return ended.Number("the number of waits that ended") > 0;
    }

    public ValueTask<RedisResult> Execute(string command, object[] arguments, CancellationToken cancellationToken) =>
        telling.Ask(command, arguments, options.AnswerTimeout, cancellationToken);

    public ValueTask<T> Execute<T>(Func<IDatabase, Task<T>> tell, CancellationToken cancellationToken) =>
        telling.Ask(tell, options.AnswerTimeout, cancellationToken);

    /// <summary>Has Redis run a script.</summary>
    public ValueTask<RedisResult> Run(
        string script,
        RedisKey[] keys,
        RedisValue[] arguments,
        CancellationToken cancellationToken
    ) => telling.Run(script, keys, arguments, options.AnswerTimeout, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await reading.DisposeAsync().ConfigureAwait(false);
        await telling.DisposeAsync().ConfigureAwait(false);
    }
}

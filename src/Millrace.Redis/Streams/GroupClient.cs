using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>
/// The commands of a receiver to its group, on two connections: one waits for messages, the other reports their
/// results. If one breaks, the receiver is broken, so that no acknowledgement is sent after an unnoticed loss of the
/// connection.
/// </summary>
internal sealed class GroupClient(
    GroupName name,
    RedisConnection reading,
    RedisConnection reporting,
    RedisOptions options,
    TimeProvider time) : IAsyncDisposable
{
    public GroupName Name => name;

    /// <summary>
    /// Gets the maximum time of one wait for messages. A receiver whose lease has expired does not wait any more.
    /// </summary>
    public TimeSpan Block { get; } =
        TimeSpan.FromTicks(Math.Min(RedisConnector.MaxBlock.Ticks, options.TakeOverAfter.Ticks / 3));

    public TimeProvider Time => time;

    public TimeSpan TakeOverAfter => options.TakeOverAfter;

    public Task Broken { get; } = Task.WhenAny(reading.Broken, reporting.Broken);

    public RedisConnectionLostException? Failure => reading.Failure ?? reporting.Failure;

    /// <summary>
    /// Gets whether a wait of the reading connection can be ended. This needs the connection's id, and a role may lack
    /// the permission for <c>CLIENT ID</c>.
    /// </summary>
    public bool CanUnblock => reading.Id > 0;

    private RedisKey Stream => name.Stream;

    /// <summary>
    /// Waits for new messages, at most for <see cref="Block"/>. The library has no such command, because it would delay
    /// all later commands. Here, it is the only command on its connection.
    /// </summary>
    public ValueTask<RedisResult> ReadNew(string consumer, int maxCount, CancellationToken cancellationToken) =>
        reading.Ask(
            "XREADGROUP",
            [
                "GROUP",
                name.Group,
                consumer,
                "COUNT",
                maxCount,
                "BLOCK",
                (long)Block.TotalMilliseconds,
                "STREAMS",
                Stream,
                ">",
            ],
            Block + options.AnswerTimeout,
            cancellationToken);

    /// <summary>Reads the pending entries of a consumer after an id.</summary>
    public ValueTask<RedisResult> ReadPending(
        string consumer, EntryId after, int maxCount, CancellationToken cancellationToken) =>
        reading.Ask(
            "XREADGROUP",
            ["GROUP", name.Group, consumer, "COUNT", maxCount, "STREAMS", Stream, after.ToString()],
            options.AnswerTimeout,
            cancellationToken);

    /// <summary>Claims entries that other consumers have had for too long, from an id in their list.</summary>
    public ValueTask<RedisResult> Claim(
        string consumer, EntryId from, int maxCount, CancellationToken cancellationToken) =>
        reading.Ask(
            "XAUTOCLAIM",
            [
                Stream,
                name.Group,
                consumer,
                (long)options.TakeOverAfter.TotalMilliseconds,
                from.ToString(),
                "COUNT",
                maxCount,
            ],
            options.AnswerTimeout,
            cancellationToken);

    /// <summary>Acknowledges entries.</summary>
    public ValueTask<long> Acknowledge(IReadOnlyList<EntryId> ids, CancellationToken cancellationToken)
    {
        var entries = new RedisValue[ids.Count];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = ids[i].ToString();
        return Execute(database => database.StreamAcknowledgeAsync(Stream, name.Group, entries), cancellationToken);
    }

    /// <summary>
    /// Ends a wait for messages early. Returns false if Redis does not know the wait, which may arrive there later.
    /// </summary>
    public async ValueTask<bool> Unblock(CancellationToken cancellationToken)
    {
        var ended = await Execute("CLIENT", ["UNBLOCK", reading.Id], cancellationToken).ConfigureAwait(false);
        return ended.Number("the number of waits that ended") > 0;
    }

    public ValueTask<RedisResult> Execute(string command, object[] arguments, CancellationToken cancellationToken) =>
        reporting.Ask(command, arguments, options.AnswerTimeout, cancellationToken);

    public ValueTask<T> Execute<T>(Func<IDatabase, Task<T>> call, CancellationToken cancellationToken) =>
        reporting.Ask(call, options.AnswerTimeout, cancellationToken);

    /// <summary>Runs a script.</summary>
    public ValueTask<RedisResult> Run(
        string script,
        RedisKey[] keys,
        RedisValue[] arguments,
        CancellationToken cancellationToken
    ) => reporting.Run(script, keys, arguments, options.AnswerTimeout, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await reading.DisposeAsync().ConfigureAwait(false);
        await reporting.DisposeAsync().ConfigureAwait(false);
    }
}

namespace Millrace.Redis;

/// <summary>
/// What a receiver asks of its group, on two connections of its own: on one it waits for messages, on the other it tells what became of
/// them. When one is broken, so is the receiver: an acknowledgement never goes out after a break that was not noticed yet.
/// </summary>
internal sealed class GroupAsker(
    GroupName name, IRedisConnection reading, IRedisConnection telling, RedisOptions options, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan LongestBlock = TimeSpan.FromSeconds(5);

    public GroupName Name => name;

    /// <summary>How long one wait for messages is. A receiver whose turn has run out waits for none any more.</summary>
    public TimeSpan Block { get; } = TimeSpan.FromTicks(Math.Min(LongestBlock.Ticks, options.TakeOverAfter.Ticks / 3));

    public TimeProvider Time => time;

    public TimeSpan TakeOverAfter => options.TakeOverAfter;

    public Task Broken { get; } = Task.WhenAny(reading.Broken, telling.Broken);

    public RedisLostException? Failure => reading.Failure ?? telling.Failure;

    /// <summary>Waits for messages that nobody has had, at most for <see cref="Block"/>.</summary>
    public ValueTask<RespValue> ReadNew(string consumer, int most, CancellationToken cancellationToken)
    {
        var commands = new RedisCommands().Begin(11).Add("XREADGROUP"u8).Add("GROUP"u8).Add(name.Group).Add(consumer);
        commands.Add("COUNT"u8).Add(most).Add("BLOCK"u8).Add((long)Block.TotalMilliseconds).Add("STREAMS"u8).Add(name.Stream).Add(">"u8);
        return reading.Ask(commands, Block + options.AnswerTimeout, cancellationToken);
    }

    /// <summary>Reads what a consumer has and has not acknowledged, after a place in the stream.</summary>
    public ValueTask<RespValue> ReadOwn(string consumer, EntryId after, int most, CancellationToken cancellationToken)
    {
        var commands = new RedisCommands().Begin(9).Add("XREADGROUP"u8).Add("GROUP"u8).Add(name.Group).Add(consumer);
        commands.Add("COUNT"u8).Add(most).Add("STREAMS"u8).Add(name.Stream).Add(after);
        return reading.Ask(commands, options.AnswerTimeout, cancellationToken);
    }

    /// <summary>Takes over what others have had for too long, from a place in their list.</summary>
    public ValueTask<RespValue> Claim(string consumer, EntryId from, int most, CancellationToken cancellationToken)
    {
        var commands = new RedisCommands().Begin(8).Add("XAUTOCLAIM"u8).Add(name.Stream).Add(name.Group).Add(consumer);
        commands.Add((long)options.TakeOverAfter.TotalMilliseconds).Add(from).Add("COUNT"u8).Add(most);
        return reading.Ask(commands, options.AnswerTimeout, cancellationToken);
    }

    /// <summary>Has Redis forget entries.</summary>
    public ValueTask<RespValue> Acknowledge(IReadOnlyList<EntryId> ids, CancellationToken cancellationToken)
    {
        var commands = new RedisCommands().Begin(3 + ids.Count).Add("XACK"u8).Add(name.Stream).Add(name.Group);
        for (var i = 0; i < ids.Count; i++)
            commands.Add(ids[i]);
        return Tell(commands, cancellationToken);
    }

    /// <summary>Ends a wait for messages before its time.</summary>
    public ValueTask<RespValue> Unblock(CancellationToken cancellationToken) =>
        Tell(new RedisCommands().Begin(3).Add("CLIENT"u8).Add("UNBLOCK"u8).Add(reading.Id), cancellationToken);

    public ValueTask<RespValue> Tell(RedisCommands commands, CancellationToken cancellationToken) =>
        telling.Ask(commands, options.AnswerTimeout, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await reading.DisposeAsync().ConfigureAwait(false);
        await telling.DisposeAsync().ConfigureAwait(false);
    }
}

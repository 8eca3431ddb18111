namespace Millrace.Redis;

/// <summary>
/// A connection to Redis. Commands of many callers are sent one after the other, and answered in that order. It never connects again: when
/// it is broken, it stays so.
/// </summary>
internal interface IRedisConnection : IAsyncDisposable
{
    /// <summary>The server's number for the connection; 0 when it does not tell.</summary>
    long Id { get; }

    /// <summary>Ends when the connection is broken.</summary>
    Task Broken { get; }

    /// <summary>Why it is broken; null as long as it is not known to be.</summary>
    RedisLostException? Failure { get; }

    /// <summary>
    /// Sends commands, whose memory it gives back, and returns when they are sent. Cancelling leaves open what becomes of them, and the
    /// connection whole.
    /// </summary>
    /// <param name="commands">At least one.</param>
    /// <param name="limit">How long any of their answers may take; the connection is broken after that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RedisLostException">The connection is broken.</exception>
    ValueTask<RedisReplies> Send(RedisCommands commands, TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Sends commands and returns the last one's answer.</summary>
    /// <exception cref="RedisLostException">The connection is broken.</exception>
    /// <exception cref="RedisErrorException">The server does not do what one of them asks for.</exception>
    async ValueTask<RespValue> Ask(RedisCommands commands, TimeSpan limit, CancellationToken cancellationToken)
    {
        var replies = await Send(commands, limit, cancellationToken).ConfigureAwait(false);
        await replies.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (replies.Failure is { } failure)
            throw new RedisLostException(failure.Message, failure);
        for (var i = 0; i < replies.Come; i++)
            replies[i].OrThrow();
        return replies[replies.Come - 1];
    }
}

using Microsoft.Extensions.Options;

namespace Millrace.Redis;

/// <summary>Asks one Redis over a shared connection, and tells what goes wrong in Millrace's own words.</summary>
internal sealed class RedisLine : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly SharedConnection _shared;

    /// <exception cref="OptionsValidationException">Options are not what they must be; all of them are named.</exception>
    public RedisLine(RedisOptions options, TimeProvider time)
    {
        _options = Checked(options);
        Connector = new RedisConnector(_options, time);
        _shared = new SharedConnection(Connector);
    }

    public RedisConnector Connector { get; }

    public string KeyPrefix => _options.KeyPrefix;

    public string Description => $"Redis {RedisAddress.TryParse(_options.Address)}";

    /// <summary>A copy of options that are what they must be.</summary>
    /// <exception cref="OptionsValidationException">They are not; all that is wrong is named.</exception>
    public static RedisOptions Checked(RedisOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var copy = options.Copy();
        return copy.Problems().Select(problem => $"{RedisSettings.Section}:{problem}").ToList() is { Count: > 0 } problems
            ? throw new OptionsValidationException(RedisTransport.Name, typeof(RedisOptions), problems)
            : copy;
    }

    /// <exception cref="TransportUnavailableException">Redis is away, or cannot do it now.</exception>
    /// <exception cref="TransportRefusedException">It will not do it as long as nobody changes something.</exception>
    public ValueTask<RespValue> Ask(RedisCommands commands, CancellationToken cancellationToken) => Told(async () =>
    {
        var connection = await Connection(commands, cancellationToken).ConfigureAwait(false);
        return await connection.Ask(commands, _options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
    });

    /// <summary>
    /// Asks for something that a replica would do as well, though for nobody else. A server that says that it is one is left, and it is
    /// asked for once more where the address leads by then.
    /// </summary>
    /// <param name="write">Writes the command.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TransportUnavailableException">Redis is away, or is a replica.</exception>
    /// <exception cref="TransportRefusedException">It will not do it as long as nobody changes something.</exception>
    public ValueTask<RespValue> AskPrimary(Action<RedisCommands> write, CancellationToken cancellationToken) => Told(async () =>
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var commands = new RedisCommands();
            write(commands);
            var connection = await Connection(ServerRole.Ask(commands), cancellationToken).ConfigureAwait(false);
            var replies = await connection.Send(commands, _options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
            await replies.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (replies.Failure is { } failure)
                throw new RedisLostException(failure.Message, failure);
            if (!ServerRole.IsReplica(replies[1]))
                return replies[0].OrThrow();
            await connection.DisposeAsync().ConfigureAwait(false);
            if (!isFirst)
                throw new RedisLostException("the server is a replica, and its address leads to no other.");
        }
    });

    public ValueTask DisposeAsync() => _shared.DisposeAsync();

    private static async ValueTask<RespValue> Told(Func<Task<RespValue>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (RedisErrorException exception) when (exception.IsLasting)
        {
            throw new TransportRefusedException(RedisTransport.Name, exception.Message, exception);
        }
        catch (Exception exception) when (exception is RedisErrorException or RedisLostException)
        {
            throw RedisTransport.Away(exception);
        }
    }

    /// <summary>The connection; without one the memory of the commands is given back here.</summary>
    private async ValueTask<IRedisConnection> Connection(RedisCommands commands, CancellationToken cancellationToken)
    {
        try
        {
            return await _shared.Get(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            commands.Dispose();
            throw;
        }
    }
}

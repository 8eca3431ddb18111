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
    public async ValueTask<RespValue> Ask(RedisCommands commands, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await Connection(commands, cancellationToken).ConfigureAwait(false);
            return await connection.Ask(commands, _options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
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

    public ValueTask DisposeAsync() => _shared.DisposeAsync();

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

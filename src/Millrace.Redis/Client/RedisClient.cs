using Microsoft.Extensions.Options;
using Millrace.Shared.Redis;
using StackExchange.Redis;

namespace Millrace.Redis.Client;

/// <summary>
/// Sends commands to Redis over a shared connection, and converts its errors to exceptions of transports.
/// </summary>
internal sealed class RedisClient : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly SharedConnection _shared;

    /// <exception cref="OptionsValidationException">Options are not valid; the message lists all of them.</exception>
    public RedisClient(RedisOptions options, TimeProvider time)
    {
        _options = Checked(options);
        Connector = new RedisConnector(_options, time);
        _shared = new SharedConnection(Connector);
    }

    public RedisConnector Connector { get; }

    public string KeyPrefix => _options.KeyPrefix;

    public string Description => $"Redis {RedisAddress.TryParse(_options.Address)}";

    /// <summary>Returns a validated copy of options.</summary>
    /// <exception cref="OptionsValidationException">Options are not valid; the message lists all of them.</exception>
    public static RedisOptions Checked(RedisOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var copy = options.Copy();
        return
            copy.Problems().Select(problem => $"{RedisSettings.Section}:{problem}").ToList() is { Count: > 0 } problems
            ? throw new OptionsValidationException(RedisTransport.Name, typeof(RedisOptions), problems)
            : copy;
    }

    /// <summary>Runs a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="keys">Returns the keys of the script. The argument is true for a cluster.</param>
    /// <param name="arguments">The arguments of the script.</param>
    /// <param name="read">Converts the answer of the script.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TransportUnavailableException">Redis is unavailable, or temporarily cannot run it.</exception>
    /// <exception cref="TransportRefusedException">Redis refuses it until a permission, a name or the server is
    /// changed.</exception>
    public ValueTask<T> Run<T>(
        string script, Func<bool, RedisKey[]> keys, RedisValue[] arguments, Func<RedisResult, T> read,
        CancellationToken cancellationToken) =>
        ConvertErrors(async () =>
        {
            var connection = await _shared.Get(cancellationToken).ConfigureAwait(false);
            return read(
                await connection
                    .Run(script, keys(connection.IsCluster), arguments, _options.AnswerTimeout, cancellationToken)
                    .ConfigureAwait(false));
        });

    /// <summary>
    /// Publishes a message to a channel. A replica also accepts it, but only subscribers of the replica receive it. If
    /// the server is a replica, closes the connection and publishes the message once more over a new connection.
    /// </summary>
    /// <returns>The number of subscribers that received it.</returns>
    /// <exception cref="TransportUnavailableException">Redis is unavailable, or is a replica.</exception>
    /// <exception cref="TransportRefusedException">Redis refuses it until a permission, a name or the server is
    /// changed.</exception>
    public ValueTask<long> Publish(string channel, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        ConvertErrors(async () =>
        {
            for (var isFirst = true; ; isFirst = false)
            {
                var connection = await _shared.Get(cancellationToken).ConfigureAwait(false);
                var publishing = connection
                    .Ask(
                        database => database.PublishAsync(RedisChannel.Literal(channel), body),
                        _options.AnswerTimeout,
                        cancellationToken)
                    .AsTask();
                bool isReplica;
                try
                {
                    // All nodes of a cluster forward messages to each other, replicas included.
                    isReplica =
                        !connection.IsCluster
                        && await ServerRole
                            .IsReplica(connection, _options.AnswerTimeout, cancellationToken)
                            .ConfigureAwait(false);
                }
                catch
                {
                    RedisConnection.Ignore(publishing);
                    throw;
                }
                var receiverCount = await publishing.ConfigureAwait(false);
                if (!isReplica)
                    return receiverCount;
                await connection.DisposeAsync().ConfigureAwait(false);
                if (!isFirst)
                    throw new RedisConnectionLostException(
                        "the server is a replica, and its address leads to no other.");
            }
        });

    public ValueTask DisposeAsync() => _shared.DisposeAsync();

    private static async ValueTask<T> ConvertErrors<T>(Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (RedisErrorException exception) when (exception.IsPermanent)
        {
            throw new TransportRefusedException(RedisTransport.Name, exception.Message, exception);
        }
        catch (Exception exception) when (exception is RedisErrorException or RedisConnectionLostException)
        {
            throw RedisTransport.Unavailable(exception);
        }
    }
}

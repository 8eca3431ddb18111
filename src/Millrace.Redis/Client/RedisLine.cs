using Microsoft.Extensions.Options;
using StackExchange.Redis;

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

    /// <summary>Has Redis run a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="keys">Its keys, on a cluster (true) and elsewhere.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="read">Reads its answer.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TransportUnavailableException">Redis is away, or cannot do it now.</exception>
    /// <exception cref="TransportRefusedException">It will not do it as long as nobody changes something.</exception>
    public ValueTask<T> Run<T>(
        string script, Func<bool, RedisKey[]> keys, RedisValue[] arguments, Func<RedisResult, T> read,
        CancellationToken cancellationToken) =>
        Told(async () =>
        {
            var connection = await _shared.Get(cancellationToken).ConfigureAwait(false);
            return read(await connection.Run(
                script, keys(connection.IsCluster), arguments, _options.AnswerTimeout, cancellationToken).ConfigureAwait(false));
        });

    /// <summary>
    /// Says something in a channel, which a replica would do as well, though for nobody else. A server that says that it is one is left,
    /// and it is said once more where the address leads by then.
    /// </summary>
    /// <returns>How many have heard it.</returns>
    /// <exception cref="TransportUnavailableException">Redis is away, or is a replica.</exception>
    /// <exception cref="TransportRefusedException">It will not do it as long as nobody changes something.</exception>
    public ValueTask<long> Publish(string channel, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => Told(async () =>
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var connection = await _shared.Get(cancellationToken).ConfigureAwait(false);
            var saying = connection.Ask(
                database => database.PublishAsync(RedisChannel.Literal(channel), body), _options.AnswerTimeout, cancellationToken).AsTask();
            bool isReplica;
            try
            {
                // All nodes of a cluster tell each other, replicas among them.
                isReplica = !connection.IsCluster
                    && await ServerRole.IsReplica(connection, _options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                RedisConnection.Ignore(saying);
                throw;
            }
            var heard = await saying.ConfigureAwait(false);
            if (!isReplica)
                return heard;
            await connection.DisposeAsync().ConfigureAwait(false);
            if (!isFirst)
                throw new RedisLostException("the server is a replica, and its address leads to no other.");
        }
    });

    public ValueTask DisposeAsync() => _shared.DisposeAsync();

    private static async ValueTask<T> Told<T>(Func<Task<T>> ask)
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
}

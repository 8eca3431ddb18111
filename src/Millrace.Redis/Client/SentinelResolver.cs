using System.Net;
using StackExchange.Redis;

namespace Millrace.Redis.Client;

/// <summary>Asks Sentinels which server is the master of their service.</summary>
/// <param name="hosts">The Sentinels.</param>
/// <param name="service">The name of the master at the Sentinels.</param>
/// <param name="settings">Returns the library's settings for a Sentinel.</param>
/// <param name="limit">The maximum time to connect to a Sentinel, and the maximum time for its answer.</param>
/// <param name="time">The clock.</param>
internal sealed class SentinelResolver(
    IReadOnlyList<DnsEndPoint> hosts,
    string service,
    Func<EndPoint, ConfigurationOptions> settings,
    TimeSpan limit,
    TimeProvider time)
{
    /// <summary>Returns the master that the first answering Sentinel names.</summary>
    /// <exception cref="RedisConnectionLostException">No Sentinel names a master.</exception>
    /// <exception cref="RedisErrorException">A Sentinel refuses the user.</exception>
    public async ValueTask<EndPoint> FindMaster(CancellationToken cancellationToken)
    {
        RedisConnectionLostException? failure = null;
        foreach (var host in hosts)
        {
            try
            {
                if (await Ask(host, cancellationToken).ConfigureAwait(false) is { } master)
                    return master;
                failure = new RedisConnectionLostException(
                    $"no Sentinel knows a service '{service}': see {nameof(RedisOptions.SentinelService)}.");
            }
            catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
            {
                if (exception is RedisServerException || exception.InnerException is RedisServerException)
                    throw Refused(
                        host, exception as RedisServerException ?? (RedisServerException)exception.InnerException!);
                failure ??= new RedisConnectionLostException($"no Sentinel answers: {exception.Message}", exception);
            }
        }
        throw failure!; // There is at least one host.
    }

    private async ValueTask<EndPoint?> Ask(DnsEndPoint host, CancellationToken cancellationToken)
    {
        var multiplexer = await RedisConnection
            .WaitFor(ConnectionMultiplexer.SentinelConnectAsync(settings(host)), limit, time, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            var answer = multiplexer.GetServers()[0].SentinelGetMasterAddressByNameAsync(service);
            RedisConnection.Ignore(answer);
            return await answer.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await multiplexer.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
        }
    }

    private static RedisErrorException Refused(DnsEndPoint host, RedisServerException error) =>
        new(
            $"{RedisErrorException.TextOf(error)} (the Sentinel {host.Host}:{host.Port}: see "
                + $"{nameof(RedisOptions.SentinelUser)} and {nameof(RedisOptions.SentinelPassword)})");
}

using System.Net;
using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>Asks Sentinels which server is the master of their service.</summary>
/// <param name="hosts">The Sentinels.</param>
/// <param name="service">What they call the master.</param>
/// <param name="settings">Returns the library's settings for one of them.</param>
/// <param name="limit">How long each may take to connect, and again to answer.</param>
/// <param name="time">The time.</param>
internal sealed class SentinelResolver(
    IReadOnlyList<DnsEndPoint> hosts,
    string service,
    Func<EndPoint, ConfigurationOptions> settings,
    TimeSpan limit,
    TimeProvider time)
{
    /// <summary>The master that the first Sentinel names that answers and knows of one.</summary>
    /// <exception cref="RedisConnectionLostException">None does.</exception>
    /// <exception cref="RedisErrorException">A Sentinel does not accept the user.</exception>
    public async ValueTask<EndPoint> Master(CancellationToken cancellationToken)
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
        throw failure!; // There is a host at least.
    }

    private async ValueTask<EndPoint?> Ask(DnsEndPoint host, CancellationToken cancellationToken)
    {
        var multiplexer = await RedisConnection
            .WaitFor(ConnectionMultiplexer.SentinelConnectAsync(settings(host)), limit, time, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            var asking = multiplexer.GetServers()[0].SentinelGetMasterAddressByNameAsync(service);
            RedisConnection.Ignore(asking);
            return await asking.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await multiplexer.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
        }
    }

    private static RedisErrorException Refused(DnsEndPoint host, RedisServerException error) =>
        new(
            $"{RedisErrorException.TextOf(error)} (the Sentinel {host.Host}:{host.Port}: see "
                + $"{nameof(RedisOptions.SentinelUser)} and "
                + $"{nameof(RedisOptions.SentinelPassword)})");
}

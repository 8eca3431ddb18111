using Millrace.Shared.Redis;
using StackExchange.Redis;

namespace Millrace.Caching;

/// <summary>
/// Connects to Redis once, for the entries and for the backplane. The library connects again after a failure.
/// </summary>
internal sealed class RedisConnector : IAsyncDisposable
{
    private const int ConnectMilliseconds = 2_000;
    private const int RetryMilliseconds = 1_000;

    private readonly Lazy<Task<IConnectionMultiplexer>> _connecting;

    /// <param name="address">The address, which was validated.</param>
    public RedisConnector(string address) =>
        _connecting = new(() => Connect(RedisAddress.TryParse(address)!)); // Not null, because it was validated.

    /// <summary>Returns the connection, which can be interrupted.</summary>
    public Task<IConnectionMultiplexer> Get() => _connecting.Value;

    public async ValueTask DisposeAsync()
    {
        if (!_connecting.IsValueCreated)
            return;
        var connection = await _connecting.Value.ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<IConnectionMultiplexer> Connect(RedisAddress address)
    {
        var settings = new ConfigurationOptions
        {
            User = address.User,
            Password = address.Password,
            DefaultDatabase = address.Database,
            Ssl = address.IsSecure,
            AbortOnConnectFail = false, // Redis can start later than the application.
            ConnectTimeout = ConnectMilliseconds,
            ReconnectRetryPolicy = new LinearRetry(RetryMilliseconds),
            BacklogPolicy = BacklogPolicy.FailFast,
        };
        foreach (var host in address.Hosts)
            settings.EndPoints.Add(host);
        return await ConnectionMultiplexer.ConnectAsync(settings).ConfigureAwait(false);
    }
}

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

    private readonly Lock _lock = new();
    private readonly RedisAddress _address;
    private Task<IConnectionMultiplexer>? _connecting;

    /// <param name="address">The address, which was validated.</param>
    public RedisConnector(string address) => _address = RedisAddress.TryParse(address)!; // Not null: it is valid.

    /// <summary>Returns the connection, which can be interrupted. After a failure, connects again.</summary>
    public Task<IConnectionMultiplexer> Get()
    {
        lock (_lock)
        {
            if (_connecting is null || _connecting.IsFaulted || _connecting.IsCanceled)
                _connecting = Connect(_address);
            return _connecting;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<IConnectionMultiplexer>? connecting;
        lock (_lock)
            connecting = _connecting;
        if (connecting is null)
            return;
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
            await (await connecting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
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

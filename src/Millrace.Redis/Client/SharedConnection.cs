namespace Millrace.Redis.Client;

/// <summary>
/// A connection that many callers share: opened when it is first needed, and reopened after it broke.
/// </summary>
internal sealed class SharedConnection(RedisConnector connector) : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private RedisConnection? _connection;
    private volatile bool _isDisposed;

    /// <exception cref="RedisConnectionLostException">It cannot be opened.</exception>
    /// <exception cref="RedisErrorException">The server refuses the user.</exception>
    public async ValueTask<RedisConnection> Get(CancellationToken cancellationToken)
    {
        if (_connection is { Failure: null } open)
            return open;
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisTransport));
            if (_connection is { Failure: null } other)
                return other;
            if (_connection is { } broken)
                await broken.DisposeAsync().ConfigureAwait(false);
            _connection = null;
            return _connection = await connector.Connect(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _opening.WaitAsync(CancellationToken.None).ConfigureAwait(false); // Connecting has a limit.
        try
        {
            if (_connection is { } connection)
                await connection.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }
}

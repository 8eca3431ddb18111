using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Millrace.Redis.Client;

/// <summary>
/// A connection to Redis with its own multiplexer. Commands of many callers are sent one after the other, and answered
/// in that order. A connection to a single server never reconnects: once broken, it stays broken. A connection to a
/// cluster follows the cluster, with one connection per node, which the library maintains.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private const string Moved = "Key has MOVED"; // A text of the library.

    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new(); // Guards the next two fields.
    private ConnectionMultiplexer? _multiplexer;
    private Task? _closing;
    private volatile RedisConnectionLostException? _failure;
    private volatile bool _isOpen;

    private readonly TimeProvider _time;
    private readonly CommandFlags _flags;
    private readonly ConcurrentDictionary<EndPoint, int> _connectCounts = new(); // By node of a cluster.

    private RedisConnection(TimeProvider time, bool isCluster)
    {
        _time = time;
        IsCluster = isCluster;
        // A single server must not redirect: a key on another server needs another connection.
        _flags = isCluster ? CommandFlags.None : CommandFlags.NoRedirect;
    }

    /// <summary>True for a connection to all nodes of a cluster.</summary>
    public bool IsCluster { get; }

    /// <summary>Gets the id that the server gave the connection; 0 if it is unknown.</summary>
    public long Id { get; private set; }

    /// <summary>Gets a task that completes when the connection breaks.</summary>
    public Task Broken => _broken.Task;

    /// <summary>Gets why the connection is broken; null as long as no failure is known.</summary>
    public RedisConnectionLostException? Failure =>
        _failure
        ?? (
            IsCluster && !Multiplexer.IsConnected
                ? new RedisConnectionLostException("no node of the cluster is connected.")
                : null);

    /// <summary>Gets the database that the address names.</summary>
    public IDatabase Database => Multiplexer.GetDatabase();

    /// <summary>Gets the subscriber of channels.</summary>
    public ISubscriber Subscriber => Multiplexer.GetSubscriber();

    /// <summary>Gets the servers with their known state.</summary>
    public IServer[] Servers => Multiplexer.GetServers();

    private ConnectionMultiplexer Multiplexer => _multiplexer!; // Only open connections are returned to callers.

    /// <summary>Opens a connection.</summary>
    /// <param name="settings">The library's settings for this connection.</param>
    /// <param name="isCluster">True for a connection to all nodes of a cluster.</param>
    /// <param name="limit">The maximum time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="RedisException">No server answers, it is not Redis, or it refuses the user.</exception>
    /// <exception cref="TimeoutException">It did not open in time.</exception>
    public static async ValueTask<RedisConnection> Open(
        ConfigurationOptions settings, bool isCluster, TimeSpan limit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var connection = new RedisConnection(time, isCluster);
        settings.BeforeSocketConnect = isCluster ? connection.CountConnect : connection.RefuseToReconnect;
        connection._multiplexer = await WaitFor(
                ConnectionMultiplexer.ConnectAsync(settings),
                limit,
                time,
                cancellationToken)
            .ConfigureAwait(false);
        if (!isCluster)
            connection.Watch();
        return connection;
    }

    /// <summary>Waits for a multiplexer that connects, and closes one that connects too late.</summary>
    /// <exception cref="RedisException">No server answers, it is not Redis, or it refuses the user.</exception>
    /// <exception cref="TimeoutException">It did not open in time.</exception>
    public static async ValueTask<ConnectionMultiplexer> WaitFor(
        Task<ConnectionMultiplexer> connecting, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await connecting.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            CloseWhenConnected(connecting);
            throw;
        }
    }

    /// <summary>
    /// Sends a command and returns its answer. After a cancellation, the outcome of the command is unknown, and the
    /// connection stays open.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limit">The maximum time for the answer; after it the connection is broken.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="RedisConnectionLostException">The connection is broken.</exception>
    /// <exception cref="RedisErrorException">The server refuses the command.</exception>
    public ValueTask<RedisResult> Ask(
        string command,
        object[] arguments,
        TimeSpan limit,
        CancellationToken cancellationToken
    ) => Ask(database => database.ExecuteAsync(command, arguments, _flags), limit, cancellationToken);

    /// <summary>Runs a script. Its text is sent each time, so that a role needs only <c>+eval</c>.</summary>
    /// <exception cref="RedisConnectionLostException">The connection is broken.</exception>
    /// <exception cref="RedisErrorException">The server refuses the command.</exception>
    public ValueTask<RedisResult> Run(
        string script, RedisKey[] keys, RedisValue[] arguments, TimeSpan limit, CancellationToken cancellationToken) =>
        Ask(
            database => database.ScriptEvaluateAsync(script, keys, arguments, _flags | CommandFlags.NoScriptCache),
            limit,
            cancellationToken);

    /// <summary>Calls methods of the library.</summary>
    /// <exception cref="RedisConnectionLostException">The connection is broken.</exception>
    /// <exception cref="RedisErrorException">The server refuses the command.</exception>
    public async ValueTask<T> Ask<T>(Func<IDatabase, Task<T>> ask, TimeSpan limit, CancellationToken cancellationToken)
    {
        RequireOpen();
        Task<T>? running = null;
        try
        {
            running = ask(Database);
            return await running.WaitAsync(limit, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw FailureOf(exception);
        }
        finally
        {
            if (running is { IsCompleted: false })
                Ignore(running);
        }
    }

    /// <summary>Converts an exception of the library, and breaks the connection if necessary.</summary>
    public Exception FailureOf(Exception exception)
    {
        switch (exception)
        {
            case RedisConnectionLostException or RedisErrorException:
                return exception;
            case RedisServerException when exception.Message.StartsWith(Moved, StringComparison.Ordinal):
                return Lost(
                    BreakIfSingle(new RedisConnectionLostException("another node of the cluster now has the key.")));
            case RedisServerException:
                var error = new RedisErrorException(exception.Message, exception);
                if (error.IsReplicaError) // Its address may now lead to another server.
                    BreakIfSingle(new RedisConnectionLostException($"the server is a replica: {error.Message}"));
                return error;
            case TimeoutException:
                // Also in a cluster: the library treats a hanging node as connected for more than a minute.
                return Lost(Break(new RedisConnectionLostException("it did not answer in time.", exception)));
            case RedisConnectionException or ObjectDisposedException or SocketException or IOException:
                return Lost(
                    BreakIfSingle(
                        new RedisConnectionLostException($"the connection broke: {exception.Message}", exception)));
            default: // Such as a command that the library does not send to a replica, or an answer that it cannot read.
                return new RedisConnectionLostException(exception.Message, exception);
        }
    }

    /// <summary>
    /// Breaks the connection and all pending calls. Returns the first failure, if it is already broken.
    /// </summary>
    public RedisConnectionLostException Break(RedisConnectionLostException failure)
    {
        lock (_lock)
        {
            if (_failure is not null)
                return _failure;
            _failure = failure;
            _closing = Close();
        }
        _broken.TrySetResult();
        return failure;
    }

    /// <summary>
    /// Returns the server of a cluster that has a key. The cluster itself is asked, because the library may not know
    /// that a key has moved.
    /// </summary>
    /// <exception cref="RedisConnectionLostException">No server answers.</exception>
    /// <exception cref="RedisErrorException">The server refuses the command.</exception>
    public async ValueTask<IServer> ServerOf(string key, TimeSpan limit, CancellationToken cancellationToken)
    {
        await Ask(database => database.KeyTypeAsync(key, CommandFlags.DemandMaster), limit, cancellationToken)
            .ConfigureAwait(false);
        return ServerOwning(key);
    }

    /// <summary>Returns the server of a cluster that has a key, as far as the library knows.</summary>
    /// <exception cref="RedisConnectionLostException">It is not connected to that server.</exception>
    public IServer ServerOwning(string key)
    {
        try
        {
            return Multiplexer.GetServer((RedisKey)key, flags: CommandFlags.DemandMaster);
        }
        catch (Exception exception)
            when (exception is RedisException or RedisCommandException or InvalidOperationException)
        {
            throw new RedisConnectionLostException(
                $"the node of the cluster that has '{key}' is unavailable: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Returns how many connections to a node of a cluster were started. While the number is the same, commands use the
    /// same connection.
    /// </summary>
    public int ConnectCount(EndPoint node) => _connectCounts.GetValueOrDefault(node);

    /// <summary>Reads the id that the server gave the connection.</summary>
    public async ValueTask FetchId(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            Id = (await Ask("CLIENT", ["ID"], limit, cancellationToken).ConfigureAwait(false)).Number(
                "the number of a connection");
        }
        catch (RedisErrorException)
        {
            Id = 0; // Not every role has the permission for this command; the id is optional.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break(new RedisConnectionLostException("the connection was closed."));
        await _closing!.ConfigureAwait(false); // It is set when the connection breaks.
    }

    /// <summary>Ignores the result of a call for which no caller waits any more.</summary>
    public static void Ignore(Task task) =>
        task.ContinueWith(
            static ended => _ = ended.Exception,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    /// <summary>
    /// Breaks the connection to a single server, but not to a cluster, whose nodes the library reconnects.
    /// </summary>
    private RedisConnectionLostException BreakIfSingle(RedisConnectionLostException failure) =>
        IsCluster ? failure : Break(failure);

    private static RedisConnectionLostException Lost(RedisConnectionLostException failure) =>
        new(failure.Message, failure);

    private static void CloseWhenConnected(Task<ConnectionMultiplexer> connecting) => connecting.ContinueWith(
        static ended =>
        {
            if (ended.IsCompletedSuccessfully)
                _ = ended.Result.CloseAsync(allowCommandsToComplete: false);
            _ = ended.Exception;
        },
        CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private void RequireOpen()
    {
        if (_failure is { } failure)
            throw Lost(failure);
    }

    private void Watch()
    {
        Multiplexer.ConnectionFailed += (_, failed) => Break(new RedisConnectionLostException(
            $"the connection broke: {failed.Exception?.Message ?? $"{failed.FailureType}"}", failed.Exception));
        _isOpen = true;
        if (!Multiplexer.IsConnected)
            Break(new RedisConnectionLostException("the connection broke."));
    }

    /// <summary>
    /// Prevents a reconnection, which the library starts before it reports that a connection has failed. Otherwise,
    /// an acknowledgement for a message of the old connection could be sent over the new one.
    /// </summary>
    private void RefuseToReconnect(EndPoint server, ConnectionType kind, Socket socket)
    {
        if (!_isOpen || kind != ConnectionType.Interactive)
            return;
        socket.Dispose();
        Break(new RedisConnectionLostException("the connection broke."));
    }

    /// <summary>Runs before the library connects, and so before a command can use the new connection.</summary>
    private void CountConnect(EndPoint server, ConnectionType kind, Socket socket)
    {
        if (kind == ConnectionType.Interactive)
            _connectCounts.AddOrUpdate(server, 1, static (_, count) => count + 1);
    }

    private Task Close() => _multiplexer is { } multiplexer
        ? Task.Run(() => multiplexer.CloseAsync(allowCommandsToComplete: false), CancellationToken.None)
        : Task.CompletedTask;
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>
/// A connection to Redis, over a multiplexer of its own. Commands of many callers are sent one after the other, and
/// answered in that order. One to a single server never connects again: when it is broken, it stays so. One to a
/// cluster follows it, and has a connection to each of its nodes, as the library keeps them.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private const string Moved = "Key has MOVED"; // The library's words.

    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new(); // Guards the two below.
    private ConnectionMultiplexer? _multiplexer;
    private Task? _closing;
    private volatile RedisConnectionLostException? _failure;
    private volatile bool _isOpen;

    private readonly TimeProvider _time;
    private readonly CommandFlags _flags;
    private readonly ConcurrentDictionary<EndPoint, int> _connectCounts = new(); // By node of a cluster.

    private RedisConnection(TimeProvider time, bool isCluster)
    {
        (_time, IsCluster) = (time, isCluster);
        // What is on another server is for another connection.
        _flags = isCluster ? CommandFlags.None : CommandFlags.NoRedirect;
    }

    /// <summary>Whether it is one to all nodes of a cluster.</summary>
    public bool IsCluster { get; }

    /// <summary>The server's number for the connection; 0 when it does not tell.</summary>
    public long Id { get; private set; }

    /// <summary>Ends when the connection is broken.</summary>
    public Task Broken => _broken.Task;

    /// <summary>Why it is broken; null as long as it is not known to be.</summary>
    public RedisConnectionLostException? Failure =>
        _failure
        ?? (
            IsCluster && !Multiplexer.IsConnected
                ? new RedisConnectionLostException("no node of the cluster is connected.")
                : null);

    /// <summary>The database that the address names.</summary>
    public IDatabase Database => Multiplexer.GetDatabase();

    /// <summary>Takes messages of channels.</summary>
    public ISubscriber Subscriber => Multiplexer.GetSubscriber();

    /// <summary>The servers that it has, with what is known of them.</summary>
    public IServer[] Servers => Multiplexer.GetServers();

    private ConnectionMultiplexer Multiplexer => _multiplexer!; // Only what has been opened is handed out.

    /// <summary>Opens one.</summary>
    /// <param name="settings">The library's settings, of this connection alone.</param>
    /// <param name="isCluster">Whether it is one to all nodes of a cluster.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="time">The time.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="RedisException">No server answers there, or not as Redis does, or not this user.</exception>
    /// <exception cref="TimeoutException">It was not open in time.</exception>
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

    /// <summary>Waits for a multiplexer that connects. One that comes too late is closed.</summary>
    /// <exception cref="RedisException">No server answers there, or not as Redis does, or not this user.</exception>
    /// <exception cref="TimeoutException">It was not open in time.</exception>
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

    /// <summary>Sends a command and returns its answer. Cancelling leaves open what becomes of it, and the connection
    /// whole.</summary>
    /// <param name="command">The command.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limit">How long the answer may take; the connection is broken after that.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="RedisConnectionLostException">The connection is broken.</exception>
    /// <exception cref="RedisErrorException">The server does not do what it was asked for.</exception>
    public ValueTask<RedisResult> Ask(
        string command,
        object[] arguments,
        TimeSpan limit,
        CancellationToken cancellationToken
    ) => Ask(database => database.ExecuteAsync(command, arguments, _flags), limit, cancellationToken);

    /// <summary>Has the server run a script, which it is sent each time: a role needs <c>+eval</c> and no
    /// more.</summary>
    /// <exception cref="RedisConnectionLostException">The connection is broken.</exception>
    /// <exception cref="RedisErrorException">The server does not do what it was asked for.</exception>
    public ValueTask<RedisResult> Run(
        string script, RedisKey[] keys, RedisValue[] arguments, TimeSpan limit, CancellationToken cancellationToken) =>
        Ask(
            database => database.ScriptEvaluateAsync(script, keys, arguments, _flags | CommandFlags.NoScriptCache),
            limit,
            cancellationToken);

    /// <summary>Asks by the library's own methods.</summary>
    /// <exception cref="RedisConnectionLostException">The connection is broken.</exception>
    /// <exception cref="RedisErrorException">The server does not do what it was asked for.</exception>
    public async ValueTask<T> Ask<T>(Func<IDatabase, Task<T>> ask, TimeSpan limit, CancellationToken cancellationToken)
    {
        RequireOpen();
        Task<T>? asked = null;
        try
        {
            asked = ask(Database);
            return await asked.WaitAsync(limit, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw FailureOf(exception);
        }
        finally
        {
            if (asked is { IsCompleted: false })
                Ignore(asked);
        }
    }

    /// <summary>What an exception of the library means, and what follows from it for the connection.</summary>
    public Exception FailureOf(Exception exception)
    {
        switch (exception)
        {
            case RedisConnectionLostException or RedisErrorException:
                return exception;
            case RedisServerException when exception.Message.StartsWith(Moved, StringComparison.Ordinal):
                return Lost(Leave(new RedisConnectionLostException("another node of the cluster has the key by now.")));
            case RedisServerException:
                var error = new RedisErrorException(exception.Message, exception);
                if (error.IsOfReplica) // Another server may have its name by now.
                    Leave(new RedisConnectionLostException($"the server is a replica: {error.Message}"));
                return error;
            case TimeoutException:
                // In a cluster as well: the library takes a node that hangs for connected for more than a minute.
                return Lost(Break(new RedisConnectionLostException("it did not answer in time.", exception)));
            case RedisConnectionException or ObjectDisposedException or SocketException or IOException:
                return Lost(
                    Leave(new RedisConnectionLostException($"the connection broke: {exception.Message}", exception)));
            default: // Such as a command that the library does not send to a replica, or an answer that it cannot read.
                return new RedisConnectionLostException(exception.Message, exception);
        }
    }

    /// <summary>Ends the connection, for the first reason given, and with it all that waits for answers.</summary>
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

    /// <summary>Which server of a cluster has a key, as that says itself: what the library knows of it may be of the
    /// time before.</summary>
    /// <exception cref="RedisConnectionLostException">No server can be asked.</exception>
    /// <exception cref="RedisErrorException">The server does not do what it was asked for.</exception>
    public async ValueTask<IServer> ServerOf(string key, TimeSpan limit, CancellationToken cancellationToken)
    {
        await Ask(database => database.KeyTypeAsync(key, CommandFlags.DemandMaster), limit, cancellationToken)
            .ConfigureAwait(false);
        return ServerOwning(key);
    }

    /// <summary>Which server of a cluster has a key, as far as the library knows.</summary>
    /// <exception cref="RedisConnectionLostException">It is not connected to that one.</exception>
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
                $"the node of the cluster that has '{key}' is away: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// How many connections to a node of a cluster were started. While the number is the same, commands use the same
    /// connection.
    /// </summary>
    public int ConnectCount(EndPoint node) => _connectCounts.GetValueOrDefault(node);

    /// <summary>Learns the server's number for the connection.</summary>
    public async ValueTask FetchNodeId(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            Id = (await Ask("CLIENT", ["ID"], limit, cancellationToken).ConfigureAwait(false)).Number(
                "the number of a connection");
        }
        catch (RedisErrorException)
        {
            Id = 0; // Not every role has the right; what it is good for is not necessary.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Break(new RedisConnectionLostException("the connection was closed."));
        await _closing!.ConfigureAwait(false); // It is set when the connection is broken.
    }

    /// <summary>An answer that is not waited for any more, with whatever comes of it.</summary>
    public static void Ignore(Task task) =>
        task.ContinueWith(
            static ended => _ = ended.Exception,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    /// <summary>A single server is left when it fails, a cluster is not: the library connects to its nodes
    /// again.</summary>
    private RedisConnectionLostException Leave(RedisConnectionLostException failure) =>
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
    /// The library connects again automatically, before it reports that a connection has failed: an acknowledgement
    /// could go out over the new one for what the old one had delivered.
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

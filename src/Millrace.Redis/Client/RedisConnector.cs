using System.Net;
using System.Net.Security;
using Millrace.Shared.Redis;
using StackExchange.Redis;

namespace Millrace.Redis.Client;

/// <summary>Opens connections to Redis.</summary>
internal sealed class RedisConnector(RedisOptions options, TimeProvider time)
{
    /// <summary>The maximum time of a blocking command.</summary>
    public static readonly TimeSpan MaxBlock = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    // To open a connection, a role must need no permissions for keys or channels, nor for these commands.
    private static readonly HashSet<string> UnusedCommands = ["ECHO", "CONFIG", "INFO", "SENTINEL"];
    private static readonly HashSet<string> UnusedCommandsAtOneServer = [.. UnusedCommands, "CLUSTER"];

    private readonly RedisAddress _address = RedisAddress.TryParse(options.Address)!; // The options were checked.
    private volatile bool _isCluster; // As reported by the servers.

    /// <summary>Gets whether the servers have reported that they are nodes of a cluster.</summary>
    public bool IsCluster => _isCluster;

    /// <summary>Gets the maximum time for an answer to a command that does not block.</summary>
    public TimeSpan AnswerTimeout => options.AnswerTimeout;

    /// <summary>Opens a connection to the server that accepts writes, or to all nodes of a cluster.</summary>
    /// <exception cref="RedisConnectionLostException">No server answers in time, or an answer is not that of
    /// Redis.</exception>
    /// <exception cref="RedisErrorException">The server refuses the user.</exception>
    public async ValueTask<RedisConnection> Connect(CancellationToken cancellationToken)
    {
        if (options.SentinelService is not null)
            return await ConnectTo(await FindMaster(cancellationToken).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
        if (_isCluster)
            return await OpenCluster(cancellationToken).ConfigureAwait(false);
        if (_address.Hosts.Count > 1)
        {
            var server = await ChooseServer(cancellationToken).ConfigureAwait(false);
            return _isCluster
                ? await OpenCluster(cancellationToken).ConfigureAwait(false)
                : await ConnectTo(server, cancellationToken).ConfigureAwait(false);
        }
        var connection = await ConnectTo(_address.Hosts[0], cancellationToken).ConfigureAwait(false);
        _isCluster = ContainsCluster(connection.Servers);
        if (!_isCluster)
            return connection;
        await connection.DisposeAsync().ConfigureAwait(false);
        return await OpenCluster(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a connection to one server.</summary>
    /// <exception cref="RedisConnectionLostException">It does not answer in time, or an answer is not that of
    /// Redis.</exception>
    /// <exception cref="RedisErrorException">The server refuses the user.</exception>
    public async ValueTask<RedisConnection> ConnectTo(EndPoint server, CancellationToken cancellationToken)
    {
        var connection = await Open(Settings([server], isCluster: false), isCluster: false, cancellationToken)
            .ConfigureAwait(false);
        if (options.SentinelService is null || !connection.Servers[0].IsReplica)
            return connection;
        await connection.DisposeAsync().ConfigureAwait(false);
        throw new RedisConnectionLostException(
            $"{server} is a replica, though a Sentinel named it as the master of '{options.SentinelService}'.");
    }

    /// <summary>
    /// Opens a connection that also receives messages of channels. It leads to one server, because each node of a
    /// cluster receives all messages.
    /// </summary>
    /// <exception cref="RedisConnectionLostException">No server answers in time, or an answer is not that of
    /// Redis.</exception>
    /// <exception cref="RedisErrorException">The server refuses the user.</exception>
    public async ValueTask<RedisConnection> ConnectListener(CancellationToken cancellationToken)
    {
        EndPoint server = _address.Hosts[0];
        if (options.SentinelService is not null)
            server = await FindMaster(cancellationToken).ConfigureAwait(false);
        else if (_address.Hosts.Count > 1)
            server = await ChooseServer(cancellationToken).ConfigureAwait(false);
        var settings = Settings([server], isCluster: false);
        // The first subscription waits until the library is prepared for it.
        settings.BacklogPolicy = BacklogPolicy.Default;
        var listener = await Open(settings, isCluster: false, cancellationToken).ConfigureAwait(false);
        _isCluster = _isCluster || ContainsCluster(listener.Servers);
        return listener;
    }

    private static bool ContainsCluster(IServer[] servers) =>
        Array.Exists(servers, static server => server.ServerType == ServerType.Cluster);

    private ValueTask<EndPoint> FindMaster(CancellationToken cancellationToken) =>
        new SentinelResolver(
            _address.Hosts,
            options.SentinelService!,
            SentinelSettings,
            options.AnswerTimeout,
            time).FindMaster(cancellationToken); // Resolved by a Sentinel.

    private ValueTask<RedisConnection> OpenCluster(CancellationToken cancellationToken) =>
        Open(Settings([.. _address.Hosts], isCluster: true), isCluster: true, cancellationToken);

    /// <summary>
    /// Returns the first host that answers and accepts writes; otherwise the first host. The connections are only used
    /// for this choice, and their errors, for example of a host that is off, are ignored.
    /// </summary>
    private async ValueTask<EndPoint> ChooseServer(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var multiplexer = await RedisConnection.WaitFor(
                ConnectionMultiplexer.ConnectAsync(Settings([.. _address.Hosts], isCluster: false)),
                options.AnswerTimeout, time, cancellationToken).ConfigureAwait(false);
            await using (multiplexer.ConfigureAwait(false))
            {
                var servers = multiplexer.GetServers();
                _isCluster = _isCluster || ContainsCluster(servers);
                return Array.Find(servers, static one => one is { IsConnected: true, IsReplica: false })?.EndPoint
                    ?? _address.Hosts[0];
            }
        }
        catch (Exception exception)
            when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw FailureOf(exception, time.GetElapsedTime(started) >= options.AnswerTimeout);
        }
    }

    private async ValueTask<RedisConnection> Open(
        ConfigurationOptions settings, bool isCluster, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        RedisConnection? connection = null;
        try
        {
            connection = await RedisConnection.Open(settings, isCluster, options.AnswerTimeout, time, cancellationToken)
                .ConfigureAwait(false);
            if (!isCluster)
                await connection.FetchId(options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception exception)
        {
            if (connection is not null)
                await connection.DisposeAsync().ConfigureAwait(false);
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
                throw;
            throw FailureOf(exception, time.GetElapsedTime(started) >= options.AnswerTimeout);
        }
    }

    private Exception FailureOf(Exception exception, bool isLate) =>
        exception switch
        {
            RedisErrorException => exception,
            { InnerException: RedisServerException error } => new RedisErrorException(
                RedisErrorException.TextOf(error)),
            TimeoutException => NoAnswer(exception),
            _ when isLate => NoAnswer(exception),
            RedisConnectionException { FailureType: ConnectionFailureType.UnableToConnect } =>
                new RedisConnectionLostException(
                    $"{_address} accepts no connection, or does not answer as Redis does.",
                    exception), // The text of the library only advises to change its settings.
            _ => new RedisConnectionLostException($"{_address}: {exception.Message}", exception),
        };

    private RedisConnectionLostException NoAnswer(Exception exception) =>
        new($"{_address} did not answer within {options.AnswerTimeout}.", exception);

    private ConfigurationOptions Settings(EndPoint[] servers, bool isCluster)
    {
        var settings = new ConfigurationOptions
        {
            User = _address.User,
            Password = _address.Password,
            DefaultDatabase = _address.Database,
            Ssl = _address.IsSecure,
            SslClientAuthenticationOptions = Tls,
            Protocol = RedisProtocol.Resp3,
            // One attempt that throws if it fails: the caller retries with a back-off.
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            // With several servers the library waits for all, however many answer: an unavailable server must not use
            // up the whole time. For a cluster it waits once for the hosts of the address, and once more for the nodes
            // that these report.
            ConnectTimeout = Milliseconds(
                isCluster ? options.AnswerTimeout / 4
                : servers.Length > 1 ? options.AnswerTimeout / 2
                : options.AnswerTimeout),
            BacklogPolicy = BacklogPolicy.FailFast,
            // Each call has its own limit; this one only ends abandoned calls to a server that does not answer.
            AsyncTimeout = Milliseconds(MaxBlock + (3 * options.AnswerTimeout)),
            CommandMap = CommandMap.Create(isCluster ? UnusedCommands : UnusedCommandsAtOneServer, available: false),
            TieBreaker = "",
            ReconnectRetryPolicy = new LinearRetry(Milliseconds(RetryDelay)), // For nodes of a cluster.
            ConfigurationChannel = "",
            SetClientLibrary = false,
            AllowAdmin = true, // CLIENT UNBLOCK is an admin command for the library.
            IncludeDetailInExceptions = false,
        };
        foreach (var server in servers)
            settings.EndPoints.Add(server);
        return settings;
    }

    private ConfigurationOptions SentinelSettings(EndPoint sentinel)
    {
        var settings = Settings([sentinel], isCluster: false);
        settings.User = options.SentinelUser;
        settings.Password = options.SentinelPassword;
        settings.DefaultDatabase = 0;
        settings.CommandMap = CommandMap.Sentinel;
        settings.BacklogPolicy = BacklogPolicy.Default; // The library subscribes to the Sentinels' messages.
        return settings;
    }

    private SslClientAuthenticationOptions Tls(string host)
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = host };
        options.ConfigureTls?.Invoke(tls);
        return tls;
    }

    private static int Milliseconds(TimeSpan span) => (int)span.TotalMilliseconds;
}

using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>How the driver connects to the servers of a database: always to the one that is the primary.</summary>
internal static class DataSources
{
    private const int MaxPrepared = 200;
    // The driver's own 8 KiB hold some twenty events: each filling is a call of the system.
    private const int ReadBufferBytes = 64 * 1024;
    // The driver's own ten would be ten more in which nothing is written after a fail-over.
    private const int RecheckSeconds = 1;
    private const int ProbeAfterSeconds = 30; // Before a firewall forgets a connection that is not used.
    private const int ProbeEverySeconds = 5;

    private const string HostRecheckKeyword = "Host Recheck Seconds";
    private const string KeepaliveKeyword = "TCP Keepalive";

    /// <summary>The driver's names of the server that takes writes.</summary>
    public static IReadOnlyList<string> PrimaryNames { get; } = ["primary", "read-write"];

    public static NpgsqlDataSource Make(NpgsqlConnectionStringBuilder settings)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        // Only types that every server has are used.
        builder.ConfigureTypeLoading(loading => loading.EnableTypeLoading(false));
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        builder.EnableIntegratedSecurity();
        return HasSeveralHosts(settings) ? builder.BuildMultiHost() : builder.Build();
    }

    /// <summary>Opens a connection; of several servers that are named, to the one that is the primary now.</summary>
    public static ValueTask<NpgsqlConnection> OpenPrimary(
        this NpgsqlDataSource source, CancellationToken cancellationToken) =>
        source is NpgsqlMultiHostDataSource hosts
            ? hosts.OpenConnectionAsync(TargetSessionAttributes.Primary, cancellationToken)
            : source.OpenConnectionAsync(cancellationToken);

    public static NpgsqlConnectionStringBuilder Settings(PostgreSqlOptions options)
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgreSqlAddress.ToConnectionString(options.ConnectionString))
        {
            Pooling = true,
            MinPoolSize = 0,
            MaxPoolSize = options.MaxConnections,
            MaxAutoPrepare = options.Prepares ? MaxPrepared : 0,
            AutoPrepareMinUsages = 2,
            ReadBufferSize = ReadBufferBytes,
            NoResetOnClose = true, // Nothing here is set for longer than a transaction.
            Multiplexing = false,
            Enlist = false,
            CommandTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds),
            IncludeErrorDetail = false,
            TargetSessionAttributes = null, // It is asked for with each connection.
            LoadBalanceHosts = false,
        };
        if (HasSeveralHosts(settings) && !settings.ShouldSerialize(HostRecheckKeyword))
            settings.HostRecheckSeconds = RecheckSeconds;
        if (!settings.ShouldSerialize(KeepaliveKeyword) && !IsOnSocket(settings))
        {
            settings.TcpKeepAlive = true;
            (settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) = (ProbeAfterSeconds, ProbeEverySeconds);
        }
        settings.ApplicationName ??= "millrace";
        if (options.Prepares && string.IsNullOrEmpty(settings.Options))
            settings.Options = "-c jit=off";
        return settings;
    }

    private static bool HasSeveralHosts(NpgsqlConnectionStringBuilder settings) =>
        settings.Host?.Contains(',', StringComparison.Ordinal) == true;

    /// <summary>Whether a server is reached by a socket of this machine, which knows no probes.</summary>
    private static bool IsOnSocket(NpgsqlConnectionStringBuilder settings) =>
        settings.Host?.Split(',').Any(host => host.StartsWith('/') || host.StartsWith('@')) == true;
}

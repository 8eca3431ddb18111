using Npgsql;

namespace Millrace.PostgreSql.Connections;

/// <summary>Creates data sources whose connections always go to the primary of a database's servers.</summary>
internal static class DataSources
{
    private const int MaxPrepared = 200;
    // The driver's default of 8 KiB holds about twenty events, and each refill is a system call.
    private const int ReadBufferBytes = 64 * 1024;
    // With the driver's default of ten seconds, writes would stop for ten more seconds after a fail-over.
    private const int RecheckSeconds = 1;
    private const int ProbeAfterSeconds = 30; // Before a firewall drops an idle connection.
    private const int ProbeEverySeconds = 5;

    private const string HostRecheckKeyword = "Host Recheck Seconds";
    private const string KeepaliveKeyword = "TCP Keepalive";

    /// <summary>The driver's names for the server that accepts writes.</summary>
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

    /// <summary>Opens a connection to the current primary of the configured servers.</summary>
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
            NoResetOnClose = true, // Settings end with transactions, locks before release.
            Multiplexing = false,
            Enlist = false,
            CommandTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds),
            IncludeErrorDetail = false,
            TargetSessionAttributes = null, // Each connection requests it.
            LoadBalanceHosts = false,
        };
        if (HasSeveralHosts(settings) && !settings.ShouldSerialize(HostRecheckKeyword))
            settings.HostRecheckSeconds = RecheckSeconds;
        if (!settings.ShouldSerialize(KeepaliveKeyword) && !IsOnSocket(settings))
        {
            settings.TcpKeepAlive = true;
            settings.TcpKeepAliveTime = ProbeAfterSeconds;
            settings.TcpKeepAliveInterval = ProbeEverySeconds;
        }
        settings.ApplicationName ??= "millrace";
        if (options.Prepares && string.IsNullOrEmpty(settings.Options))
            settings.Options = "-c jit=off";
        return settings;
    }

    private static bool HasSeveralHosts(NpgsqlConnectionStringBuilder settings) =>
        settings.Host?.Contains(',', StringComparison.Ordinal) == true;

    /// <summary>Returns true for a server on a local socket, which has no TCP keepalive.</summary>
    private static bool IsOnSocket(NpgsqlConnectionStringBuilder settings) =>
        settings.Host?.Split(',').Any(host => host.StartsWith('/') || host.StartsWith('@')) == true;
}

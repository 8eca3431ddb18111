using System.Diagnostics;
using Npgsql;

namespace Millrace.Faults.Tests;

/// <summary>
/// Three nodes in separate programs on one durable PostgreSQL server. Each node connects through its own proxy. If
/// this process may mount a disk, the tables are on a small disk that a test can fill.
/// </summary>
public sealed class Cluster : IAsyncLifetime, IDisposable
{
    private const string Database = "store";
    private const int Nodes = 3;
    private const int DiskMegabytes = 2_000;
    private static readonly TimeSpan ServingLimit = TimeSpan.FromMinutes(3);

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-cluster-").FullName;
    private readonly List<ClusterNode> _nodes = [];
    private readonly List<TcpProxy> _proxies = [];
    private PostgreSqlServer? _server;
    private SmallDisk? _disk;
    private ClusterClient? _client;

    /// <summary>Gets the connection string of the database, which bypasses the proxies.</summary>
    public string ConnectionString => Server.ConnectionString(Database);

    /// <summary>
    /// Gets the longest time from the return of the database until a node answered again. Pauses of the machine are
    /// subtracted.
    /// </summary>
    public TimeSpan LongestReturn { get; private set; }

    internal ClusterClient Client => _client ?? throw NotStarted();

    internal IReadOnlyList<ClusterNode> All => _nodes;

    /// <summary>Gets the paths of the log files of all nodes and of the database.</summary>
    internal IEnumerable<string> Logs => [.. _nodes.Select(node => node.LogPath), Server.LogPath];

    /// <summary>Gets the connections of the nodes to the database, in the order of the nodes.</summary>
    internal IReadOnlyList<TcpProxy> Proxies => _proxies;

    internal PostgreSqlServer Server => _server ?? throw NotStarted();

    public async Task InitializeAsync()
    {
        if (PostgreSqlPrograms.ReasonToSkip is not null)
            return;
        _server = await PostgreSqlServer.Start(isDurable: true);
        if (SmallDisk.IsPossible)
        {
            _disk = await SmallDisk.Mount(DiskMegabytes);
            await _server.Execute($"CREATE TABLESPACE small LOCATION '{_disk.Directory}'");
        }
        await _server.Execute($"CREATE DATABASE {Database}{(_disk is null ? "" : " TABLESPACE small")}");
        for (var number = 0; number < Nodes; number++)
        {
            var proxy = new TcpProxy(_server.Port);
            _proxies.Add(proxy);
            var address = new NpgsqlConnectionStringBuilder(ConnectionString) { Port = proxy.Port };
            _nodes.Add(new ClusterNode(address.ConnectionString, Path.Combine(_directory, $"node-{number}.log")));
        }
        _client = new ClusterClient(_nodes);
        await StartAll();
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        foreach (var proxy in _proxies)
            await proxy.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        if (_disk is not null)
            await _disk.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    public void Dispose() => _client?.Dispose();

    /// <summary>Starts all nodes concurrently.</summary>
    internal Task StartAll(int wrongAnswerInterval = 0) =>
        Task.WhenAll(_nodes.Select(node => node.Start(wrongAnswerInterval)));

    /// <summary>
    /// Returns why this machine cannot inject a fault, or null if it can. The fault of a full disk needs a separate
    /// disk.
    /// </summary>
    internal static string? ReasonToSkip(Fault fault) =>
        fault == Fault.FillDisk ? SmallDiskFactAttribute.ReasonToSkip : null;

    /// <summary>Kills all nodes.</summary>
    internal Task KillAll() => Task.WhenAll(_nodes.Select(node => node.Kill()));

    /// <summary>Injects the planned fault, and then removes the fault.</summary>
    internal async Task Inject(RoundPlan plan, ClusterLoad load)
    {
        switch (plan.Fault)
        {
            case Fault.KillNode:
                await _nodes[plan.Victim].Kill();
                await _nodes[plan.Victim].Start();
                break;
            case Fault.TerminateBackEnds:
                for (var i = 0; i < 5; i++)
                {
                    await Server.Execute(
                        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Database}'");
                    await Pause.For(plan.Lasting / 5);
                }
                break;
            case Fault.KillBackEnd:
                await KillBackEnd(plan);
                await WaitUntilAllAppend(load);
                break;
            case Fault.CrashServer:
                await Server.Crash();
                await Pause.For(plan.Lasting);
                await Server.Restart();
                await WaitUntilAllAppend(load);
                break;
            case Fault.CutLine:
                _proxies[plan.Victim].Cut();
                await Pause.For(plan.Lasting);
                _proxies[plan.Victim].Restore();
                break;
            case Fault.SilenceLine:
                _proxies[plan.Victim].Silence();
                await Pause.For(plan.Lasting);
                _proxies[plan.Victim].Restore();
                break;
            case Fault.FillDisk when _disk is not null:
                await _disk.Fill();
                await Pause.For(plan.Lasting);
                _disk.Empty();
                break;
            default:
                throw new InvalidOperationException(ReasonToSkip(plan.Fault) ?? $"The fault {plan.Fault} is unknown.");
        }
    }

    /// <summary>Writes the content of the database to a file, for analysis.</summary>
    internal async Task Dump(string file)
    {
        var program = Path.Combine(PostgreSqlPrograms.Directory!, "pg_dump"); // It exists because the server runs.
        using var dump = Process.Start(
            program,
            [
                "--host=127.0.0.1",
                $"--port={Server.Port}",
                $"--username={PostgreSqlServer.Superuser}",
                $"--file={file}",
                Database,
            ]
        );
        await dump.WaitForExitAsync();
        Assert.Equal(0, dump.ExitCode);
    }

    /// <summary>Returns the last position of the log.</summary>
    internal async Task<long> LastPosition() =>
        (
            await Read(
                "SELECT coalesce(max(position), 0), '', 0::bigint, gen_random_uuid(), now() " + "FROM millrace.events",
                0))[0].Position;

    /// <summary>Returns the rows of the log after a position.</summary>
    internal Task<List<LogRow>> RowsAfter(long position) =>
        Read(
            "SELECT position, stream, version, id, recorded_at FROM millrace.events WHERE "
                + "position > $1 ORDER BY position",
            position);

    private async Task<List<LogRow>> Read(string sql, long position)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        if (sql.Contains("$1", StringComparison.Ordinal))
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        await using var row = await command.ExecuteReaderAsync();
        var rows = new List<LogRow>();
        while (await row.ReadAsync())
            rows.Add(
                new LogRow(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetGuid(3), row.GetDateTime(4)));
        return rows;
    }

    /// <summary>Kills the back-end of a connection, as the operating system does when memory runs out.</summary>
    private async Task KillBackEnd(RoundPlan plan)
    {
        await using var connection = new NpgsqlConnection(Server.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync();
        var victim =
            $"SELECT pid FROM pg_stat_activity WHERE datname = '{Database}' ORDER BY "
                + $"hashtext(pid::text || '{plan.Seed}') LIMIT 1";
        await using var command = new NpgsqlCommand(victim, connection);
        await Testing.Eventually.Get(
            async () => await command.ExecuteScalarAsync() is int id && TryKill(id), static isKilled => isKilled);
        await Server.WaitUntilReady();
    }

    private static bool TryKill(int process)
    {
        try
        {
            using var backEnd = Process.GetProcessById(process);
            backEnd.Kill();
            return true;
        }
        catch (ArgumentException)
        {
            return false; // The process has just exited.
        }
    }

    /// <summary>Waits until each node has appended again, and records the longest time.</summary>
    private async Task WaitUntilAllAppend(ClusterLoad load)
    {
        using var stalls = new StallMonitor();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(
            _nodes.Select(
                (node, number) =>
                    Task.Run(async () =>
                    {
                        using var client = new ClusterClient([node]) { WaitTimeout = ServingLimit };
                        var operation = await load.Append(ClusterLoad.Writers + number, client);
                        Assert.True(
                            operation.Answer == AnswerKind.Done,
                            $"Node {number} did not answer within {ServingLimit} after the return of the database.");
                    })
            )
        );
        var elapsed = Stopwatch.GetElapsedTime(started) - stalls.Total;
        LongestReturn = elapsed > LongestReturn ? elapsed : LongestReturn;
    }

    private static InvalidOperationException NotStarted() => new("The cluster was not started.");
}

using Microsoft.Extensions.Logging;
using Millrace.Monitoring;
using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests a fail-over to the standby, with and without the last commits.</summary>
public sealed class FailOverTests : IAsyncLifetime
{
    private const string Database = "postgres";
    private PostgreSqlServer? _first;
    private PostgreSqlServer? _second;

    private PostgreSqlServer First => _first ?? throw new InvalidOperationException("The servers were not started.");

    private PostgreSqlServer Second => _second ?? throw new InvalidOperationException("The servers were not started.");

    public async Task InitializeAsync()
    {
        if (PostgreSqlPrograms.Directory is null)
            return; // The attribute of the tests reports the reason to skip.
        _first = await PostgreSqlServer.Start();
        _second = await First.StartStandby();
    }

    public async Task DisposeAsync()
    {
        if (_second is not null)
            await _second.DisposeAsync();
        if (_first is not null)
            await _first.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task A_node_continues_at_the_promoted_server_with_a_new_epoch()
    {
        await using var storage = await OpenBoth();
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        var before = await storage.Log.GetHead(CancellationToken.None);
        await WaitForReplay();

        await FailOver();
        var outcome = await CommitAgain(storage, TestData.Append("a", ExpectedVersion.Any, TestData.Event()));

        Assert.Equal(new LogHead(1, 1), before);
        Assert.Equal((2, 2), (outcome.Position, outcome.Placements[0].FirstVersion));
        Assert.Equal(new LogHead(2, 2), await storage.Log.GetHead(CancellationToken.None));
    }

    [PostgreSqlFact]
    public async Task Events_missing_at_the_promoted_server_are_reported_and_their_positions_reused()
    {
        using var logged = new RecordedLog(LogLevel.Error);
        var storage = await OpenBoth();
        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
        using var auditor = new LogAuditor(store, new LogAuditOptions(), logged.CreateLogger<LogAuditor>());
        await auditor.RunOnce(CancellationToken.None);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        await WaitForReplay();
        await Second.Execute("ALTER SYSTEM SET primary_conninfo = ''");
        await Second.Execute("SELECT pg_reload_conf()");
        await Eventually.Get(
            () => Ask<long>(Second, "SELECT count(*) FROM pg_stat_wal_receiver"), static count => count == 0);
        await storage.Commit(TestData.Append("a", ExpectedVersion.Any, TestData.Event()));
        await storage.Commit(TestData.Append("a", ExpectedVersion.Any, TestData.Event()));
        Assert.True((await WaitForAudit(auditor, static status => status.Position == 3)).IsSound);

        await FailOver();
        var outcome = await CommitAgain(storage, TestData.Append("a", ExpectedVersion.Any, TestData.Event()));
        var status = await WaitForAudit(auditor, static status => !status.IsSound);

        Assert.Equal((2, 2), (outcome.Position, outcome.Placements[0].FirstVersion));
        Assert.Equal(new LogHead(2, 2), await storage.Log.GetHead(CancellationToken.None));
        Assert.Contains(status.Problems, problem => problem.Contains(
            "The log ends at position 2, but it contained position 3", StringComparison.Ordinal));
        Assert.True((await storage.Maintenance.Verify(null, CancellationToken.None)).IsSound);
    }

    [PostgreSqlFact]
    public async Task A_node_that_connected_to_a_standby_returns_to_the_primary()
    {
        await using var proxy = new CuttingProxy(First.Port);
        var address = new NpgsqlConnectionStringBuilder(First.ConnectionString(Database)) { Port = proxy.Port };
        await using var storage = await Open(address.ConnectionString);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        await WaitForReplay();
        proxy.Target = Second.Port;
        await First.Execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace'");
        await Eventually.Get(
            async () =>
                (
                    await Record.ExceptionAsync(() =>
                        storage.Commit(TestData.Append("a", ExpectedVersion.Any, TestData.Event()))))?.Message,
            static message => message?.Contains("standby", StringComparison.Ordinal) == true);
        var refused = await Assert.ThrowsAsync<StorageException>( // The node now commits to the standby.
            () => storage.Commit(TestData.Append("a", ExpectedVersion.Any, TestData.Event())));

        proxy.Target = First.Port;
        var outcome = await CommitAgain(storage, TestData.Append("a", ExpectedVersion.Any, TestData.Event()));

        Assert.Equal((StorageProblem.ReadOnly, 2), (refused.Problem, outcome.Position));
        // The node is back at the first server.
        Assert.Equal(1, (await storage.Log.GetHead(CancellationToken.None)).Epoch);
    }

    private static Task<LogAuditStatus> WaitForAudit(LogAuditor auditor, Func<LogAuditStatus, bool> condition) =>
        Eventually.Get(
            async () =>
            {
                await auditor.RunOnce(CancellationToken.None);
                return auditor.Status;
            },
            condition);

    /// <summary>Opens the store with the addresses of both servers, the standby first.</summary>
    private Task<PostgreSqlStorage> OpenBoth() =>
        Open(
            $"postgres://owner@127.0.0.1:{Second.Port},127.0.0.1:{First.Port}/{Database}"
                + "?target_session_attrs=read-write"
        );

    private static async Task<PostgreSqlStorage> Open(string address)
    {
        var storage = new PostgreSqlStorage(address);
        await storage.Open(CancellationToken.None);
        return storage;
    }

    /// <summary>Waits until the standby has replayed all commits.</summary>
    private async Task WaitForReplay()
    {
        var end = await Ask<string>(First, "SELECT pg_current_wal_lsn()::text");
        await Eventually.Get(
            () => Ask<bool>(Second, $"SELECT pg_last_wal_replay_lsn() >= '{end}'::pg_lsn"), static isThere => isThere);
    }

    private async Task FailOver()
    {
        await First.Crash();
        await Second.Promote();
    }

    /// <summary>Commits repeatedly until the storage has found its server.</summary>
    private static Task<CommitOutcome> CommitAgain(PostgreSqlStorage storage, CommitRequest request) => Eventually.Get(
        async () =>
        {
            try
            {
                return await storage.Commit(request);
            }
            catch (StorageException failure) when (!failure.IsInDoubt)
            {
                return null;
            }
        },
        static outcome => outcome is not null)!;

    private static async Task<T> Ask<T>(PostgreSqlServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString(Database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!; // The queried values are never null.
    }
}

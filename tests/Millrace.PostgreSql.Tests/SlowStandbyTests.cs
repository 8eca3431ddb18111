using System.Diagnostics;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests commits that wait for an unavailable synchronous standby. The store reports no wrong success or failure.
/// </summary>
public sealed class SlowStandbyTests : IAsyncLifetime
{
    private const string Database = "postgres";

    /// <summary>The timeout is long, so a resolution that took as long as the timeout would exceed the limit.</summary>
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(25);

    /// <summary>The half minute of the option plus the time in which the driver cancels each statement.</summary>
    private static readonly TimeSpan MaxResolutionTime = TimeSpan.FromSeconds(30 + 12);

    private PostgreSqlServer? _server;

    private PostgreSqlServer Server => _server ?? throw new InvalidOperationException("The server was not started.");

    public async Task InitializeAsync()
    {
        if (PostgreSqlPrograms.Directory is not null)
            _server = await PostgreSqlServer.Start();
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [PostgreSqlFact]
    [Trait(TestRun.Kind, TestRun.Long)] // A minute.
    public async Task A_commit_that_the_standby_does_not_confirm_is_in_doubt_and_written_once()
    {
        var storage = new PostgreSqlStorage(new PostgreSqlOptions
        {
            ConnectionString = Server.ConnectionString(Database),
            CommandTimeout = CommandTimeout,
            LockTimeout = TimeSpan.FromSeconds(1),
        });
        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
        await Append(store);
        var probe = await StartWaiting();

        var started = Stopwatch.GetTimestamp();
        var failure = await Assert.ThrowsAsync<StorageException>(
            () => Append(store).WaitAsync(TimeSpan.FromMinutes(3)));
        Assert.InRange(Stopwatch.GetElapsedTime(started), CommandTimeout, CommandTimeout + MaxResolutionTime);
        await SetSynchronousStandbys("''");
        await probe;

        Assert.True(failure.IsInDoubt, $"{failure}");
        Assert.Equal(2, (await storage.Log.GetHead(CancellationToken.None)).Position);
        await Append(store);
        Assert.Equal(3, (await storage.Log.GetHead(CancellationToken.None)).Position);
    }

    /// <summary>
    /// If only one server marked the store as moved, nodes could use the old store and the new store after a fail-over.
    /// </summary>
    [PostgreSqlFact]
    public async Task A_step_of_a_move_that_the_standby_does_not_confirm_does_not_count_as_done()
    {
        await using var storage = new PostgreSqlStorage(new PostgreSqlOptions
        {
            ConnectionString = Server.ConnectionString(Database),
            CommandTimeout = TimeSpan.FromSeconds(1),
        });
        await storage.Open(CancellationToken.None);
        var moves = ((IMovableStorage)storage).Moves;
        await moves.StartSource("another place", CancellationToken.None);
        var probe = await StartWaiting();

        StorageException failure;
        await using (var session = await moves.OpenSession(MoveSessionKind.Write, CancellationToken.None))
        {
            await session.SetRole(MoveRole.Moved, "another place", CancellationToken.None);
            failure = await Assert.ThrowsAsync<StorageException>(() => session.Commit(CancellationToken.None).AsTask());
        }
        await SetSynchronousStandbys("''");
        await probe;

        Assert.True(failure.IsInDoubt, $"{failure}");
    }

    private static Task<AppendResult> Append(EventStore store) => store.Append(
        new StreamId("a"), ExpectedVersion.Any, [NewEvent.FromBytes("thing.happened", "{}"u8.ToArray())]);

    /// <summary>Makes commits wait for missing standbys, or ends such waits if the list is empty.</summary>
    private async Task SetSynchronousStandbys(string standbys)
    {
        await Server.Execute($"ALTER SYSTEM SET synchronous_standby_names = {standbys}");
        await Server.Execute("SELECT pg_reload_conf()");
    }

    /// <summary>Waits until the server applies the setting. From then on, a commit does not complete.</summary>
    private async Task<Task> StartWaiting()
    {
        await SetSynchronousStandbys("'*'");
        for (var number = 1; ; number++)
        {
            var probe = Server.Execute($"CREATE TABLE probe_{number} ()");
            var isWaiting = await Eventually.Get(
                async () =>
                    probe.IsCompleted ? false
                    : await IsWaiting() ? true
                    : (bool?)null,
                static isKnown => isKnown is not null);
            if (isWaiting == true)
                return probe;
            await probe;
        }
    }

    private async Task<bool> IsWaiting()
    {
        await using var connection = new NpgsqlConnection(Server.ConnectionString(Database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", connection);
        return (long)(await command.ExecuteScalarAsync())! > 0; // The count is never null.
    }
}

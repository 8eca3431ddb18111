using Millrace.Storage.Moves;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests the start of a move while other clients write.</summary>
public sealed class MoveStartTests : StoreTests
{
    /// <summary>
    /// The triggers do not record the writes of such a transaction. The move can read them after the transaction has
    /// ended.
    /// </summary>
    [PostgreSqlFact]
    public async Task A_move_waits_for_transactions_that_started_to_write_before_it()
    {
        await using var storage = await TestData.Open(Database);
        var moves = ((IMovableStorage)storage).Moves;
        await moves.StartSource("elsewhere", CancellationToken.None);
        try
        {
            // Without the row, the store is in the state before the move.
            await (await TestServer.Server).Execute("DELETE FROM millrace.move", Database);
            await using var writer = await TestServer.Connect(Database);
            await using var transaction = await writer.BeginTransactionAsync();
            await Execute(writer, "INSERT INTO millrace.claims (scope, value, owner) VALUES ('mail', 'a', 'x')");
            await using var watcher = await TestServer.Connect(Database);

            var beginning = Task.Run(() => moves.StartSource("elsewhere", CancellationToken.None).AsTask());
            await Eventually.Get(
                async () =>
                    beginning.IsCompleted
                    || await Execute(
                        watcher,
                        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'millrace.claims'::regclass"
                    ) > 0,
                static isSeen => isSeen);
            var hasBegun = beginning.IsCompleted;
            await transaction.CommitAsync();
            await beginning;

            Assert.False(hasBegun, "The move began during a write that is not recorded.");
        }
        finally
        {
            await moves.End(CancellationToken.None);
        }
    }

    /// <summary>Another mover may have started after the loss of the connection, and may write newer data.</summary>
    [PostgreSqlFact]
    public async Task A_mover_that_lost_the_connection_of_its_lock_stops_writing()
    {
        await using var storage = await TestData.Open(Database);
        await using var another = await TestData.Open(Database);
        var (moves, others) = (((IMovableStorage)storage).Moves, ((IMovableStorage)another).Moves);
        await moves.StartSource("elsewhere", CancellationToken.None);
        await using (var watcher = await TestServer.Connect(Database))
        {
            await Execute(watcher, """
                SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND d.datname = current_database()
                """);
        }
        await others.StartSource("elsewhere", CancellationToken.None);

        foreach (var kind in new[] { MoveSessionKind.Write, MoveSessionKind.Fence })
            await Assert.ThrowsAnyAsync<MillraceException>(() =>
                moves.OpenSession(kind, CancellationToken.None).AsTask());
        await Assert.ThrowsAnyAsync<MillraceException>(() => moves.RemoveNotes([1], CancellationToken.None).AsTask());
        await Assert.ThrowsAnyAsync<MillraceException>(() =>
            moves.StartSource("elsewhere", CancellationToken.None).AsTask());
        await (await others.OpenSession(MoveSessionKind.Write, CancellationToken.None)).DisposeAsync();
        await others.End(CancellationToken.None);
    }

    private static async Task<long> Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() as long? ?? 0;
    }
}

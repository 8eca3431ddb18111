using Millrace.Storage.Moves;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>A move begins while others write.</summary>
public sealed class MoveBeginTests : StoreTests
{
    /// <summary>What it writes is noted by nobody, and is there to be read when it has ended.</summary>
    [PostgreSqlFact]
    public async Task It_waits_for_who_began_to_write_before_it()
    {
        await using var storage = await Given.Open(Database);
        var moves = ((IMovableStorage)storage).Moves;
        await moves.BeginSource("elsewhere", CancellationToken.None);
        try
        {
            // As far as a move is before it notes that it is one.
            await (await TestServer.Server).Execute("DELETE FROM millrace.move", Database);
            await using var writer = await TestServer.Connect(Database);
            await using var transaction = await writer.BeginTransactionAsync();
            await Execute(writer, "INSERT INTO millrace.claims (scope, value, owner) VALUES ('mail', 'a', 'x')");
            await using var watcher = await TestServer.Connect(Database);

            var beginning = Task.Run(() => moves.BeginSource("elsewhere", CancellationToken.None).AsTask());
            await Eventually.Is(
                async () => beginning.IsCompleted || await Execute(
                    watcher, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'millrace.claims'::regclass") > 0,
                static isSeen => isSeen);
            var isBegun = beginning.IsCompleted;
            await transaction.CommitAsync();
            await beginning;

            Assert.False(isBegun, "It began while somebody wrote whom nobody notes.");
        }
        finally
        {
            await moves.End(CancellationToken.None);
        }
    }

    private static async Task<long> Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() as long? ?? 0;
    }
}

using Millrace.PostgreSql.Schema;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

public sealed class FailedListenerTests : DatabaseTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    /// <summary>
    /// If the registration were kept, other nodes would treat the node as listening while the connection remains in
    /// the pool.
    /// </summary>
    [PostgreSqlFact]
    public async Task A_node_that_cannot_register_its_listener_leaves_no_registration()
    {
        var server = await TestServer.Server;
        var role = $"mute_{Database}";
        await server.Execute($"CREATE ROLE {role} LOGIN");
        await server.Execute(PostgreSqlSchema.Script(applicationRole: role), Database);
        await server.Execute("REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC", Database);
        var mark = new Tables("millrace", "millrace_documents").ListenMark;
        await using var other = await TestServer.Connect(Database);
        // The test can see when the node holds its own lock.
        await Run(other, $"SELECT pg_advisory_lock({mark.Class}, {mark.Key})");
        await using var storage = await TestData.Open(
            Database, options => (options.ConnectionString, options.PollInterval) =
                // The node tries only once in the test.
                (server.ConnectionString(Database, role), TimeSpan.FromMinutes(1)));
        await Eventually.Get(CountWaiting, static count => count == 1, WaitTimeout);

        await Run(other, $"SELECT pg_advisory_unlock({mark.Class}, {mark.Key})");

        await Eventually.Get(CountAll, static count => count == 0, WaitTimeout);

        Task<long> CountWaiting() => Count("NOT granted");

        Task<long> CountAll() => Count("true");

        async Task<long> Count(string condition)
        {
            await using var connection = await TestServer.Connect(Database);
            await using var count = new NpgsqlCommand(
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = "
                    + $"current_database() AND l.locktype = 'advisory' AND l.classid::bigint = {(uint)mark.Class} AND "
                    + $"l.objid::bigint = {(uint)mark.Key} AND {condition}",
                connection);
            return (long)(await count.ExecuteScalarAsync())!; // The count is never null.
        }
    }

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

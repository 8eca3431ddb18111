using Millrace.PostgreSql;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that the verification detects the main kinds of manipulation of a PostgreSQL database.</summary>
public sealed class SealPostgreSqlTests
{
    private static readonly Lazy<Task<(PostgreSqlServer Server, SealKeys Keys, string Template)>> Sealed =
        new(CreateTemplate);

    public static TheoryData<string, SealFindingKind> Manipulations => new()
    {
        { "UPDATE millrace.events SET payload = '{}' WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE millrace.events SET metadata = NULL WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE millrace.events SET id = gen_random_uuid() WHERE position = 50", SealFindingKind.EventChanged },
        {
            "UPDATE millrace.events SET recorded_at = recorded_at + interval '1 microsecond' WHERE position = 50",
            SealFindingKind.EventChanged
        },
        { "UPDATE millrace.events SET type = 'ship.sold' WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE millrace.events SET schema_version = 2 WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE millrace.events SET content_type = 'text/plain' WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE millrace.events SET source = 'port' WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE millrace.events SET encryption_key_id = 'k' WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE millrace.events SET tags = '{dock:9}' WHERE position = 50", SealFindingKind.EventChanged },
        {
            "UPDATE millrace.events SET correlation_id = gen_random_uuid() WHERE position = 50",
            SealFindingKind.EventChanged
        },
        { "UPDATE millrace.events SET causation_id = NULL WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE millrace.events SET version = 9000 WHERE position = 50", SealFindingKind.EventChanged },
        { "UPDATE millrace.events SET stream = 'ship-9' WHERE position = 50", SealFindingKind.EventChanged },
        { "DELETE FROM millrace.events WHERE position = 7", SealFindingKind.EventMissing },
        { "DELETE FROM millrace.events WHERE position > 580", SealFindingKind.EventMissing },
        {
            "UPDATE millrace.events SET position = -1 WHERE position = 50; "
                + "UPDATE millrace.events SET position = 50 WHERE position = 51; "
                + "UPDATE millrace.events SET position = 51 WHERE position = -1",
            SealFindingKind.EventChanged
        },
        {
            "UPDATE millrace.events SET version = 9077, stream = 'ship-3', position = 302 WHERE position = 600",
            SealFindingKind.EventInserted
        },
        { "UPDATE {tiles} SET body = '\\x00' WHERE key LIKE 'tile-0-%0'", SealFindingKind.HashChanged },
        { "DELETE FROM {tiles} WHERE key LIKE 'tile-1-%'", SealFindingKind.HashChanged },
        { "DROP TABLE {tiles}; DELETE FROM millrace.collections", SealFindingKind.HashChanged },
        { "DELETE FROM millrace.events WHERE stream = '$seals' AND version = 2", SealFindingKind.SealMissing },
        { "DELETE FROM millrace.events WHERE stream = '$seals' AND version = 4", SealFindingKind.AnchorMismatch },
        { "UPDATE millrace.removals SET reason = 'lawful' WHERE kind = 1", SealFindingKind.RemovalsChanged },
        { "DELETE FROM millrace.removals", SealFindingKind.RemovalsChanged },
        { "UPDATE millrace.stream_bounds SET first_version = 1", SealFindingKind.StreamChanged },
        {
            "INSERT INTO millrace.stream_bounds (stream, first_version, state) VALUES ('ship-2', 10, 0)",
            SealFindingKind.StreamChanged
        },
    };

    [PostgreSqlTheory]
    [MemberData(nameof(Manipulations))]
    public async Task A_manipulation_with_sql_is_detected(string sql, SealFindingKind expected)
    {
        var (server, keys, template) = await Sealed.Value;
        var database = await server.CreateDatabase(template);
        var tiles = await FindTiles(server, database);
        await server.Execute(sql.Replace("{tiles}", tiles, StringComparison.Ordinal), database);

        var report = await SealedLog.Verify(new PostgreSqlStorage(server.ConnectionString(database)), keys.Evidence());

        Assert.True(
            report.Findings.Any(finding => finding.Kind == expected),
            string.Join('\n', report.Findings.Take(10)));
    }

    [PostgreSqlFact]
    public async Task An_intact_log_with_removals_is_sound()
    {
        var (server, keys, template) = await Sealed.Value;
        var database = await server.CreateDatabase(template);

        var report = await SealedLog.Verify(new PostgreSqlStorage(server.ConnectionString(database)), keys.Evidence());

        Assert.Equal([], report.Findings);
        Assert.Equal((4, 4, 6), (report.Seals, report.Anchors, report.RemovedEvents));
    }

    private static async Task<string> FindTiles(PostgreSqlServer server, string database)
    {
        await using var connection = new Npgsql.NpgsqlConnection(
            server.ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var find = new Npgsql.NpgsqlCommand(
            "SELECT c.table_schema || '.' || c.table_name FROM information_schema.tables c "
                + "WHERE c.table_schema = 'millrace_documents' LIMIT 1",
            connection);
        return (string)(await find.ExecuteScalarAsync())!;
    }

    private static async Task<(PostgreSqlServer Server, SealKeys Keys, string Template)> CreateTemplate()
    {
        var server = await PostgreSqlServer.Start();
        var keys = new SealKeys();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => keys.Dispose();
        var template = await server.CreateDatabase();
        var connection = server.ConnectionString(template) + ";Pooling=false";
        await SealedLog.Fill(new PostgreSqlStorage(connection), keys);
        return (server, keys, template);
    }
}

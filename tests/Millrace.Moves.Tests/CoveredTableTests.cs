using Millrace.Storage.Moves;
using Npgsql;

namespace Millrace.Moves.Tests;

/// <summary>Tests that a move includes every table and column of a store.</summary>
public sealed class CoveredTableTests
{
    // The log, the catalogue of collections and the header have separate operations. Nodes register again within
    // seconds.
    private static readonly string[] Excluded = ["header", "events", "collections", "nodes", "move", "move_notes"];

    // Tables with the numbers of names, tags and streams, which a move writes with the events.
    private static readonly string[] SeparateOnSqlite = [.. Excluded, "names", "event_tags", "streams"];

    [PostgreSqlFact]
    public async Task Every_table_of_a_database_is_moved_with_all_its_columns()
    {
        await using var stores = await MoveStores.Create();
        await using (var storage = stores.PostgreSql())
            await storage.Open(default);
        await using var connection = new NpgsqlConnection(stores.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c
            JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
            WHERE c.table_schema = 'millrace' AND t.table_type = 'BASE TABLE'
            """, connection);
        await using var row = await command.ExecuteReaderAsync();
        var columns = new List<string>();
        while (await row.ReadAsync())
        {
            if (!Excluded.Contains(row.GetString(0)))
                columns.Add($"{row.GetString(0)}.{row.GetString(1)}");
        }

        Assert.Equal(Moved().Order(StringComparer.Ordinal), columns.Order(StringComparer.Ordinal));
    }

    [PostgreSqlFact]
    public async Task Every_table_of_a_file_is_moved_with_all_its_columns()
    {
        await using var stores = await MoveStores.Create();
        await using var storage = stores.Sqlite();
        await storage.Open(default);

        // A move reports unknown tables. For a store without other tables, that list must be empty.
        var state = await ((IMovableStorage)storage).Moves.GetState(default);

        Assert.Empty(state.Foreign);
        await using var session = await ((IMovableStorage)storage).Moves.OpenSession(MoveSessionKind.Read, default);
        foreach (var table in MovedTables.All)
            Assert.Empty(await session.ReadRows(table, null, 10, default));
        var schema = await System.IO.File.ReadAllTextAsync(
            RepositoryRoot.PathOf("src/Millrace.Sqlite/Schema/StoreSchema.cs"));
        var tables = System
            .Text.RegularExpressions.Regex.Matches(schema, "CREATE TABLE (\\w+)")
            .Select(match => match.Groups[1].Value)
            .Where(name => name != "consumers_by_name")
            .Distinct();
        Assert.Equal(
            MovedTables.All.Select(table => table.Name).Except(["stream_bounds"]).Order(StringComparer.Ordinal),
            tables.Except(SeparateOnSqlite).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Moved() =>
        from table in MovedTables.All from column in table.Columns select $"{table.Name}.{column.Name}";
}

using Millrace.Storage.Moves;
using Npgsql;

namespace Millrace.Moves.Tests;

/// <summary>No table and no column of a store is forgotten by a move.</summary>
public sealed class CoveredTableTests
{
    // The log, the catalogue of collections and the header have their own operations; nodes show themselves again
    // within seconds.
    private static readonly string[] Apart = ["header", "events", "collections", "nodes", "move", "move_notes"];

    // Numbers of names, and tags and streams by number, which a move writes with the events.
    private static readonly string[] SeparateOnSqlite = [.. Apart, "names", "event_tags", "streams"];

    [PostgreSqlFact]
    public async Task Every_table_of_a_database_is_moved_with_all_its_columns()
    {
        await using var places = await MoveStores.Make();
        await using (var storage = places.PostgreSql())
            await storage.Open(default);
        await using var connection = new NpgsqlConnection(places.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c
            JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
            WHERE c.table_schema = 'millrace' AND t.table_type = 'BASE TABLE'
            """, connection);
        await using var row = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await row.ReadAsync())
        {
            if (!Apart.Contains(row.GetString(0)))
                found.Add($"{row.GetString(0)}.{row.GetString(1)}");
        }

        Assert.Equal(Moved().Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [PostgreSqlFact]
    public async Task Every_table_of_a_file_is_moved_with_all_its_columns()
    {
        await using var places = await MoveStores.Make();
        await using var storage = places.Sqlite();
        await storage.Open(default);

        // An unknown table is reported as not moved: for a store alone that list must be empty.
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

namespace Millrace.Sqlite;

/// <summary>Removes what is kept beside the log under names that begin with a prefix, in the transaction of whoever
/// asks.</summary>
internal static class PrefixRemoval
{
    private static readonly (string Table, string Column)[] ByName =
    [
        ("dead_letters", "consumer"),
        ("read_models", "name"),
        ("retired_collections", "name"),
        ("paused_consumers", "consumer"),
        ("consumers", "consumer"),
    ];

    private static readonly string[] ByScope = ["claims", "handled"];

    public static void Remove(Connection connection, Collections collections, string prefix)
    {
        foreach (var (table, column) in ByName)
            connection.Get($"DELETE FROM {table} WHERE {Begins(column)}").Bind(1, prefix).Run();
        foreach (var table in ByScope)
        {
            connection
                .Get($"DELETE FROM {table} WHERE scope IN (SELECT id FROM names WHERE {Begins("name")})")
                .Bind(1, prefix)
                .Run();
        }
        foreach (var collection in Collections.List(connection))
        {
            if (collection.Definition.Name.StartsWith(prefix, StringComparison.Ordinal))
                collections.Drop(connection, collection.Definition.Name);
        }
    }

    /// <summary>Compares characters, and knows no pattern; GLOB and LIKE would take some names for one.</summary>
    private static string Begins(string column) => $"substr({column}, 1, length(?1)) = ?1";
}

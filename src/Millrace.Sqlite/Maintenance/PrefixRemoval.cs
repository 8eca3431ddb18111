using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Maintenance;

/// <summary>Removes everything stored outside the log under names with a prefix, in the caller's transaction.</summary>
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
            connection.Get($"DELETE FROM {table} WHERE {HasPrefix(column)}").Bind(1, prefix).Run();
        foreach (var table in ByScope)
        {
            connection
                .Get($"DELETE FROM {table} WHERE scope IN (SELECT id FROM names WHERE {HasPrefix("name")})")
                .Bind(1, prefix)
                .Run();
        }
        foreach (var collection in Collections.List(connection))
        {
            if (collection.Definition.Name.StartsWith(prefix, StringComparison.Ordinal))
                collections.Drop(connection, collection.Definition.Name);
        }
    }

    /// <summary>Compares characters without patterns: GLOB and LIKE would interpret some names as patterns.</summary>
    private static string HasPrefix(string column) => $"substr({column}, 1, length(?1)) = ?1";
}

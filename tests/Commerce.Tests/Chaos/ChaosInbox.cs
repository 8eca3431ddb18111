using Npgsql;

namespace Commerce.Tests.Chaos;

/// <summary>The inbox of a receiver, as the table of the database has it: which messages were handled.</summary>
internal static class ChaosInbox
{
    /// <summary>The ids of the messages that a receiver handled, in order: what their notes begin with, as hexadecimal digits.</summary>
    /// <param name="store">A store in a database.</param>
    /// <param name="receiver">The receiver.</param>
    public static Task<IReadOnlyList<string>> Read(ChaosStore store, string receiver) =>
        Read(store, $"receive.{receiver}", "substr(id, 1, 32)::uuid::text");

    /// <summary>The ids of the messages that became commands, in order: the second line of the commands' keys.</summary>
    /// <param name="store">A store in a database.</param>
    /// <param name="command">The command's name.</param>
    public static Task<IReadOnlyList<string>> ReadCommands(ChaosStore store, string command) =>
        Read(store, command, "split_part(id, E'\\n', 2)");

    private static async Task<IReadOnlyList<string>> Read(ChaosStore store, string scope, string id)
    {
        await using var connection = new NpgsqlConnection(store.Database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SELECT {id} FROM millrace.handled WHERE scope = $1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = scope });
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<string>();
        while (await reader.ReadAsync())
            ids.Add(reader.GetString(0));
        ids.Sort(StringComparer.Ordinal);
        return ids;
    }
}

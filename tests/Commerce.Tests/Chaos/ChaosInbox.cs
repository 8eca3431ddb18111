using Npgsql;

namespace Commerce.Tests.Chaos;

/// <summary>The inbox of a receiver, as the table of the database has it: which messages were handled.</summary>
internal static class ChaosInbox
{
    /// <summary>The ids of the messages, in order. Each has one note, whose first line is the receiver, and the second the id.</summary>
    /// <param name="store">A store in a database.</param>
    /// <param name="scope">Whose notes: a receiver's, or those of the command that messages become.</param>
    public static async Task<IReadOnlyList<string>> Read(ChaosStore store, string scope)
    {
        await using var connection = new NpgsqlConnection(store.Database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT split_part(id, E'\\n', 2) FROM millrace.handled WHERE scope = $1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = scope });
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<string>();
        while (await reader.ReadAsync())
            ids.Add(reader.GetString(0));
        ids.Sort(StringComparer.Ordinal);
        return ids;
    }
}

using Npgsql;

namespace Commerce.Tests.Chaos;

/// <summary>Reads the inbox of a receiver from its database table.</summary>
internal static class ChaosInbox
{
    private const int UuidDigits = 32;

    /// <summary>
    /// Returns the ids of the messages that a receiver handled, in order. Each entry starts with the id without
    /// hyphens.
    /// </summary>
    /// <param name="store">A store in a database.</param>
    /// <param name="receiver">The name of the receiver.</param>
    public static Task<IReadOnlyList<string>> Read(ChaosStore store, string receiver) =>
        Read(
            store,
            $"receive.{receiver}",
            handledId =>
                Guid.TryParseExact(handledId.AsSpan(0, Math.Min(UuidDigits, handledId.Length)), "N", out var id)
                    ? id.ToString()
                    : handledId);

    /// <summary>
    /// Returns the ids of the messages that became commands, in order. The second line of the key of a command is the
    /// id.
    /// </summary>
    /// <param name="store">A store in a database.</param>
    /// <param name="command">The name of the command.</param>
    public static Task<IReadOnlyList<string>> ReadCommands(ChaosStore store, string command) =>
        Read(store, command, key => key.Split('\n').ElementAtOrDefault(1) ?? key);

    private static async Task<IReadOnlyList<string>> Read(ChaosStore store, string scope, Func<string, string> idOf)
    {
        await using var connection = new NpgsqlConnection(store.Database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT id FROM millrace.handled WHERE scope = $1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = scope });
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<string>();
        while (await reader.ReadAsync())
            ids.Add(idOf(reader.GetString(0)));
        ids.Sort(StringComparer.Ordinal);
        return ids;
    }
}

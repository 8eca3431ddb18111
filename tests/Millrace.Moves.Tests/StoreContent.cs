using System.Security.Cryptography;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Moves.Tests;

/// <summary>Reads the content of a store as lines that a test can compare.</summary>
internal static class StoreContent
{
    /// <summary>Returns the content in an order that does not depend on the storage.</summary>
    public static async Task<string[]> Of(IStorage storage)
    {
        await using var session = await ((IMovableStorage)storage).Moves.OpenSession(MoveSessionKind.Read, default);
        var header = await session.GetHeader(default);
        var lines = new List<string>
        {
            $"header: {header.StoreId} {header.Epoch} {header.CreatedAt} {header.CreatedBy} {header.LastPosition}",
        };
        for (var next = 1L; next <= header.LastPosition;)
        {
            var events = await session.ReadEvents(next, header.LastPosition, 1_000, default);
            lines.AddRange(events.Select(Line));
            next = events[^1].Position + 1;
        }
        foreach (var table in MovedTables.All)
            lines.AddRange(await Rows(session, table, table.Name));
        foreach (var collection in await session.ListCollections(default))
        {
            var fields = string.Join(", ", collection.Definition.Fields.Select(field => $"{field.Name} {field.Kind}"));
            lines.Add($"collection {collection.Definition.Name}: {fields}");
            lines.AddRange(await Rows(session, collection.Table, $"document of {collection.Definition.Name}"));
        }
        return [.. lines];
    }

    private static async Task<IEnumerable<string>> Rows(IMoveSession session, MovedTable table, string description)
    {
        var lines = new List<string>();
        IReadOnlyList<MovedRow> rows = [];
        do
        {
            rows = await session.ReadRows(table, rows.Count > 0 ? rows[^1] : null, 100, default);
            lines.AddRange(rows.Select(row => $"{description}: {string.Join(" | ", row.Values.Select(Text))}"));
        }
        while (rows.Count == 100);
        return lines.Order(StringComparer.Ordinal);
    }

    private static string Line(RecordedEvent recorded) =>
        $"event {recorded.Position}: {recorded.Id} {recorded.Stream}@{recorded.Version} {recorded.Type} "
        + $"v{recorded.SchemaVersion} {recorded.ContentType} {recorded.Timestamp:O} "
        + $"{recorded.Source} {recorded.CorrelationId} {recorded.CausationId} {recorded.EncryptionKeyId} "
        + $"[{string.Join(", ", recorded.Tags)}] "
        + $"{Convert.ToHexString(SHA256.HashData(recorded.MetadataBytes.Span))} "
        + $"{Convert.ToHexString(SHA256.HashData(recorded.Payload.Span))}";

    private static string Text(object? value) => value switch
    {
        null => "-",
        byte[] bytes => Convert.ToHexString(bytes),
        decimal exact => exact.ToString("G29", System.Globalization.CultureInfo.InvariantCulture),
        double real => real.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}

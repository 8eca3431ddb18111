using System.Text;
using DuckDB.NET.Data;

namespace Millrace.Sql;

/// <summary>A table of events, for the view of all events or of one type.</summary>
internal sealed class EventTable : IDisposable
{
    private static readonly TableColumn[] Columns =
    [
        new("position", "BIGINT"),
        new("stream", "VARCHAR"),
        new("category", "VARCHAR"),
        new("version", "BIGINT"),
        new("type", "VARCHAR"),
        new("schema_version", "INTEGER"),
        new("time", "TIMESTAMPTZ"),
        new("id", "UUID"),
        new("source", "VARCHAR"),
        new("user_id", "VARCHAR"),
        new("correlation_id", "UUID"),
        new("causation_id", "UUID"),
        new("tags", "VARCHAR[]"),
        new("metadata", "VARCHAR") { IsJson = true },
        new("content_type", "VARCHAR"),
        new("data", "VARCHAR") { IsJson = true, Source = "data_text" },
        new("data_text", "VARCHAR"),
    ];

    // Strict: other bytes are not text.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly TableWriter _writer;

    public EventTable(SqlSession session, SqlView view, IReadOnlyList<SqlColumn> declared)
    {
        Type = view.Kind == SqlViewKind.EventType ? view.Source : null;
        _writer = new TableWriter(session, view.Name, Columns, hasMembers: Type is not null, declared);
    }

    /// <summary>Gets the stored name of the type; null for all types.</summary>
    public string? Type { get; }

    public void Add(RecordedEvent recorded)
    {
        if (Type is not null && recorded.Type != Type)
            return;
        var payload = recorded.ReadablePayload;
        _writer.Add((recorded, TextOf(payload.Span)), Append, Type is null ? default : payload.Span);
    }

    public void Finish() => _writer.Finish();

    public void Dispose() => _writer.Dispose();

    /// <summary>Returns bytes as text; null if they are not UTF-8, or contain U+0000.</summary>
    public static string? TextOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes.IsEmpty || bytes.Contains((byte)0) ? null : Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static void Append(IDuckDBAppenderRow row, (RecordedEvent Recorded, string? Payload) item)
    {
        var (recorded, payload) = item;
        row.AppendValue(recorded.Position)
            .AppendValue(recorded.Stream.Value)
            .AppendValue(recorded.Stream.Category)
            .AppendValue(recorded.Version)
            .AppendValue(recorded.Type)
            .AppendValue(recorded.SchemaVersion)
            .AppendValue(recorded.Timestamp)
            .AppendValue(recorded.Id)
            .AppendValue(recorded.Source)
            .AppendValue(recorded.Metadata.UserId)
            .AppendValue(recorded.CorrelationId)
            .AppendValue(recorded.CausationId)
            .AppendValue(recorded.Tags.Select(static tag => tag.ToString()).ToList())
            .AppendValue(TextOf(recorded.MetadataBytes.Span))
            .AppendValue(recorded.ContentType)
            .AppendValue(payload);
    }
}

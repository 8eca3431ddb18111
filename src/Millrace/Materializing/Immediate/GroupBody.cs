using System.Buffers;
using System.Text.Json;

namespace Millrace.Materializing.Immediate;

/// <summary>
/// The stored form of the row of a group: its totals, from which the next row is computed, and the row.
/// </summary>
internal static class GroupBody
{
    private const string Count = "count";
    private const string Sums = "sums";
    private const string Row = "row";

    public static ReadOnlyMemory<byte> Write(GroupTotals totals, ReadOnlySpan<byte> row)
    {
        var output = new ArrayBufferWriter<byte>(row.Length + 64);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteNumber(Count, totals.Count);
            writer.WriteStartArray(Sums);
            foreach (var sum in totals.Sums)
                writer.WriteNumberValue(sum);
            writer.WriteEndArray();
            writer.WritePropertyName(Row);
            writer.WriteRawValue(row);
            writer.WriteEndObject();
        }
        return output.WrittenMemory;
    }

    /// <summary>Returns the totals of a group.</summary>
    /// <exception cref="JsonException">The body is damaged.</exception>
    public static GroupTotals TotalsOf(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        try
        {
            return new GroupTotals(
                json.RootElement.GetProperty(Count).GetInt64(),
                [.. json.RootElement.GetProperty(Sums).EnumerateArray().Select(static sum => sum.GetDecimal())]);
        }
        catch (Exception exception)
            when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("The row of a group contains no totals.", exception);
        }
    }

    /// <summary>Returns the JSON of the row; null, as JSON, if the body contains none.</summary>
    public static ReadOnlyMemory<byte> RowOf(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        while (reader.Read())
        {
            if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                continue;
            var isRow = reader.ValueTextEquals(Row);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isRow)
                return body[start..(int)reader.BytesConsumed];
        }
        return "null"u8.ToArray();
    }
}

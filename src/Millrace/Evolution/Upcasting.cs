using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Serialization;

namespace Millrace;

/// <summary>Takes a stored event along its upcasters to what the application knows today.</summary>
internal static class Upcasting
{
    private static readonly JsonNodeOptions NodeOptions = new() { PropertyNameCaseInsensitive = false };

    /// <summary>Reads the bytes of a shape that has an upcaster.</summary>
    /// <returns>An event, or <see cref="EventParts"/>.</returns>
    /// <exception cref="JsonException">The bytes are not such a shape, or an upcaster made none; others mean as much.</exception>
    public static object Read(StoredShape shape, ReadOnlySpan<byte> payload, string contentType)
    {
        var value = !shape.Upcaster!.TakesJson ? shape.Type!.Read(payload, contentType) // What takes no JSON takes a type.
            : ParseObject(contentType == EventContentType.Cbor ? CborJson.ToJson(payload) : payload);
        return Raise(shape, value);
    }

    private static object Raise(StoredShape shape, object value)
    {
        while (shape.Upcaster is { } upcaster)
        {
            var made = upcaster.Apply(upcaster.TakesJson ? AsJson(shape, value) : AsEvent(shape, value))
                ?? throw new JsonException($"the upcaster from {shape} made nothing");
            if (upcaster.IsSplit)
                return Split(shape, (object?[])made);
            (shape, value) = (shape.Next[0], made);
        }
        return AsEvent(shape, value);
    }

    /// <summary>What a step made as JSON, or what was appended as an object.</summary>
    private static JsonObject AsJson(StoredShape shape, object value) =>
        value as JsonObject
            ?? ParseObject(shape.Type!.Write(value, EventContentType.Json)); // What is not read from JSON is of a type that writes it.

    private static object AsEvent(StoredShape shape, object value) => value is JsonObject json && shape.Type is { } type
        ? type.Read(Write(json), EventContentType.Json)
        : value;

    private static object Split(StoredShape shape, object?[] made)
    {
        var parts = new List<object>(made.Length);
        for (var i = 0; i < made.Length; i++)
        {
            if (made[i] is not { } part)
                continue;
            var raised = Raise(shape.Next[i], part);
            if (raised is EventParts several)
                parts.AddRange(several.Parts);
            else
                parts.Add(raised);
        }
        return parts.Count switch
        {
            0 => EventParts.None,
            1 => parts[0],
            _ => new EventParts(parts),
        };
    }

    private static JsonObject ParseObject(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        var node = JsonNode.Parse(ref reader, NodeOptions) as JsonObject ?? throw new JsonException("it is not a JSON object");
        return reader.Read() ? throw new JsonException("more follows after the JSON object") : node;
    }

    private static byte[] Write(JsonObject json)
    {
        var buffer = JsonBuffers.RentBuffer();
        var writer = JsonBuffers.Rent(buffer);
        try
        {
            json.WriteTo(writer);
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            JsonBuffers.Return(writer);
            JsonBuffers.Return(buffer);
        }
    }
}

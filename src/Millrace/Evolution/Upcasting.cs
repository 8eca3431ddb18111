using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Serialization;

namespace Millrace.Evolution;

/// <summary>Converts stored events to the newest version with their upcasters.</summary>
internal static class Upcasting
{
    private static readonly JsonNodeOptions NodeOptions = new() { PropertyNameCaseInsensitive = false };

    /// <summary>Reads the payload of a shape that has an upcaster.</summary>
    /// <returns>An event, or <see cref="EventParts"/>.</returns>
    /// <exception cref="JsonException">The payload does not have this shape, or an upcaster returned nothing. Other
    /// exceptions have the same meaning.</exception>
    public static object Read(StoredShape shape, ReadOnlySpan<byte> payload, string contentType)
    {
        var value = !shape.Upcaster!.TakesJson
            ? shape.Type!.Read(payload, contentType) // The source of an upcaster is JSON or a CLR type.
            : ParseObject(contentType == EventContentType.Cbor ? CborJson.ToJson(payload) : payload);
        return ApplyUpcasters(shape, value);
    }

    /// <summary>Merges two stored events into one event.</summary>
    /// <param name="role">The role of the second event in the merge.</param>
    /// <param name="first">The first event, and its shape.</param>
    /// <param name="second">The second event, and its shape.</param>
    /// <exception cref="JsonException">One of the payloads does not have its shape, or the merge returned nothing.
    /// Other exceptions have the same meaning.</exception>
    public static object ReadMerged(
        MergeRole role,
        (StoredShape Shape, RecordedEvent Recorded) first,
        (StoredShape Shape, RecordedEvent Recorded) second)
    {
        var merger = role.Merger;
        var merged = merger.Apply(ReadAs(merger.First, first), ReadAs(merger.Second, second))
            ?? throw new JsonException($"the merge into {role.Into} returned nothing");
        return ApplyUpcasters(role.Into, merged);
    }

    /// <summary>Applies upcasters to an event until it has the required type.</summary>
    private static object ReadAs(Type type, (StoredShape Shape, RecordedEvent Recorded) stored)
    {
        var shape = stored.Shape;
        var payload = stored.Recorded.Payload;
        var contentType = stored.Recorded.ContentType;
        object value = shape.Upcaster is { TakesJson: true } && shape.Type?.ClrType != type
            ? ParseObject(contentType == EventContentType.Cbor ? CborJson.ToJson(payload.Span) : payload.Span)
            : shape.Type!.Read(payload.Span, contentType); // A shape without a JSON upcaster has a type.
        while (shape.Type?.ClrType != type)
        {
            var upcaster = shape.Upcaster!; // A shape has the role only if its upcasters lead to the type.
            value = upcaster.Apply(upcaster.TakesJson ? AsJson(shape, value) : AsEvent(shape, value))
                ?? throw new JsonException($"the upcaster from {shape} returned nothing");
            shape = shape.Next[0];
        }
        return AsEvent(shape, value);
    }

    private static object ApplyUpcasters(StoredShape shape, object value)
    {
        while (shape.Upcaster is { } upcaster)
        {
            var upcasted = upcaster.Apply(upcaster.TakesJson ? AsJson(shape, value) : AsEvent(shape, value))
                ?? throw new JsonException($"the upcaster from {shape} returned nothing");
            if (upcaster.IsSplit)
                return Split(shape, (object?[])upcasted);
            shape = shape.Next[0];
            value = upcasted;
        }
        return AsEvent(shape, value);
    }

    /// <summary>
    /// Returns a value as JSON. The value is the result of an upcaster, or an event that was appended as an object.
    /// </summary>
    private static JsonObject AsJson(StoredShape shape, object value) =>
        // If the value is not JSON, the shape has a type that can write it.
        value as JsonObject ?? ParseObject(shape.Type!.Write(value, EventContentType.Json));

    private static object AsEvent(StoredShape shape, object value) => value is JsonObject json && shape.Type is { } type
        ? type.Read(Write(json), EventContentType.Json)
        : value;

    private static object Split(StoredShape shape, object?[] results)
    {
        var parts = new List<object>(results.Length);
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i] is not { } part)
                continue;
            var newest = ApplyUpcasters(shape.Next[i], part);
            if (newest is EventParts split)
                parts.AddRange(split.Parts);
            else
                parts.Add(newest);
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
        var node =
            JsonNode.Parse(ref reader, NodeOptions) as JsonObject ?? throw new JsonException("it is not a JSON object");
        return reader.Read() ? throw new JsonException("data follows the JSON object") : node;
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

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
    /// <exception cref="JsonException">The bytes are not such a shape, or an upcaster made none; others mean as
    /// much.</exception>
    public static object Read(StoredShape shape, ReadOnlySpan<byte> payload, string contentType)
    {
        var value = !shape.Upcaster!.TakesJson
            ? shape.Type!.Read(payload, contentType) // What takes no JSON takes a type.
            : ParseObject(contentType == EventContentType.Cbor ? CborJson.ToJson(payload) : payload);
        return Raise(shape, value);
    }

    /// <summary>Reads two events that are one.</summary>
    /// <param name="role">What the second is in the merge.</param>
    /// <param name="first">The first, and its shape.</param>
    /// <param name="second">The second, and its shape.</param>
    /// <exception cref="JsonException">One of them is not such a shape, or the merge made nothing; others mean as
    /// much.</exception>
    public static object ReadMerged(
        MergeRole role,
        (StoredShape Shape, RecordedEvent Recorded) first,
        (StoredShape Shape, RecordedEvent Recorded) second)
    {
        var merger = role.Merger;
        var made = merger.Apply(ReadAs(merger.First, first), ReadAs(merger.Second, second))
            ?? throw new JsonException($"the merge into {role.Into} made nothing");
        return Raise(role.Into, made);
    }

    /// <summary>Takes an event along its upcasters until it is of a type.</summary>
    private static object ReadAs(Type type, (StoredShape Shape, RecordedEvent Recorded) stored)
    {
        var shape = stored.Shape;
        var (payload, contentType) = (stored.Recorded.Payload, stored.Recorded.ContentType);
        object value = shape.Upcaster is { TakesJson: true } && shape.Type?.ClrType != type
            ? ParseObject(contentType == EventContentType.Cbor ? CborJson.ToJson(payload.Span) : payload.Span)
            : shape.Type!.Read(payload.Span, contentType); // What no upcaster takes as JSON has a type.
        while (shape.Type?.ClrType != type)
        {
            var upcaster = shape.Upcaster!; // The type lies on the way: the role was given for that.
            value = upcaster.Apply(upcaster.TakesJson ? AsJson(shape, value) : AsEvent(shape, value))
                ?? throw new JsonException($"the upcaster from {shape} made nothing");
            shape = shape.Next[0];
        }
        return AsEvent(shape, value);
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
        // What is not read from JSON is of a type that writes it.
        value as JsonObject ?? ParseObject(shape.Type!.Write(value, EventContentType.Json));

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
        var node =
            JsonNode.Parse(ref reader, NodeOptions) as JsonObject ?? throw new JsonException("it is not a JSON object");
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

using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Serialization;
using Millrace.Storage;

namespace Millrace;

/// <summary>What is done with dead letters: tried again as they are or with a change to their payload, skipped or
/// discarded.</summary>
public sealed class DeadLetterAction
{
    private readonly JsonObject? _patch;
    private readonly ReadOnlyMemory<byte>? _payload;

    private DeadLetterAction(
        DeadLetterDecision decision,
        JsonObject? patch = null,
        ReadOnlyMemory<byte>? payload = null) => (Decision, _patch, _payload) = (decision, patch, payload);

    /// <summary>Tries them again as they are, because the code or what it calls was mended.</summary>
    public static DeadLetterAction Retry { get; } = new(DeadLetterDecision.Retry);

    /// <summary>Passes them over; what waits behind each goes on.</summary>
    public static DeadLetterAction Skip { get; } = new(DeadLetterDecision.Skip);

    /// <summary>Gives them up, each with what waits behind it.</summary>
    public static DeadLetterAction Discard { get; } = new(DeadLetterDecision.Discard);

    /// <summary>What is decided.</summary>
    public DeadLetterDecision Decision { get; }

    /// <summary>Whether it changes payloads.</summary>
    public bool IsEdit => _patch is not null || _payload is not null;

    /// <summary>Changes each payload by a JSON merge patch (RFC 7396), and tries again: <c>{"amount": 5, "note":
    /// null}</c>.</summary>
    /// <exception cref="ArgumentException">It is not a JSON object.</exception>
    public static DeadLetterAction Patch(ReadOnlyMemory<byte> mergePatch) =>
        new(
            DeadLetterDecision.Retry,
            Parse(mergePatch) as JsonObject
                ?? throw new ArgumentException("The patch is not a JSON object.", nameof(mergePatch)));

    /// <summary>Tries one letter with another payload.</summary>
    internal static DeadLetterAction OfPayload(ReadOnlyMemory<byte> payload) =>
        new(DeadLetterDecision.Retry, payload: payload);

    /// <summary>The payload as changed; null when it is left as it is.</summary>
    /// <exception cref="ArgumentException">The payload is neither JSON nor CBOR.</exception>
    internal ReadOnlyMemory<byte>? Apply(ReadOnlyMemory<byte> payload, string contentType)
    {
        if (_payload is { } given)
            return AsStored(given, contentType);
        if (_patch is null)
            return null;
        var isCbor = contentType == EventContentType.Cbor;
        var patched = Merge(Parse(isCbor ? CborToJson(payload) : payload), _patch);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            patched.WriteTo(writer);
        return isCbor ? Cbor(stream.ToArray()) : stream.ToArray();
    }

    /// <summary>A payload that somebody gave, as a media type: JSON is turned into CBOR where that is wanted.</summary>
    /// <exception cref="ArgumentException">It is to be JSON or CBOR, and is not.</exception>
    internal static ReadOnlyMemory<byte> AsStored(ReadOnlyMemory<byte> given, string contentType)
    {
        if (contentType == EventContentType.Json)
        {
            Parse(given);
            return given;
        }
        if (contentType != EventContentType.Cbor)
            return given;
        if (!IsJsonObject(given.Span))
        {
            CborToJson(given);
            return given;
        }
        Parse(given);
        return Cbor(given.Span);
    }

    private static byte[] Cbor(ReadOnlySpan<byte> json)
    {
        try
        {
            return CborJson.FromJson(json);
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"It cannot be written as CBOR: {exception.Message}", nameof(json), exception);
        }
    }

    /// <summary>An event is an object: one in CBOR never begins with a brace or a blank.</summary>
    private static bool IsJsonObject(ReadOnlySpan<byte> given) => given.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static byte[] CborToJson(ReadOnlyMemory<byte> cbor)
    {
        try
        {
            return CborJson.ToJson(cbor.Span);
        }
        catch (MalformedCborException exception)
        {
            throw new ArgumentException($"It is neither JSON nor CBOR: {exception.Message}", nameof(cbor), exception);
        }
    }

    internal static JsonNode? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonNode.Parse(json.Span);
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"It is not JSON: {exception.Message}", nameof(json), exception);
        }
    }

    private static JsonObject Merge(JsonNode? target, JsonObject patch)
    {
        var merged = target as JsonObject ?? [];
        foreach (var (name, value) in patch)
        {
            if (value is null)
                merged.Remove(name);
            else if (value is JsonObject inner)
                merged[name] = Merge(merged[name] is JsonObject before ? (JsonObject)before.DeepClone() : null, inner);
            else
                merged[name] = value.DeepClone();
        }
        return merged;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Serialization;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// An action on dead letters. It retries them, with or without a changed payload, skips them, or discards them.
/// </summary>
public sealed class DeadLetterAction
{
    private readonly JsonObject? _patch;
    private readonly ReadOnlyMemory<byte>? _payload;

    private DeadLetterAction(
        DeadLetterDecision decision,
        JsonObject? patch = null,
        ReadOnlyMemory<byte>? payload = null) => (Decision, _patch, _payload) = (decision, patch, payload);

    /// <summary>
    /// Gets the action that retries dead letters unchanged. Use it after the code was fixed, or a service that the code
    /// calls.
    /// </summary>
    public static DeadLetterAction Retry { get; } = new(DeadLetterDecision.Retry);

    /// <summary>
    /// Gets the action that skips dead letters. The events that wait for a skipped dead letter continue.
    /// </summary>
    public static DeadLetterAction Skip { get; } = new(DeadLetterDecision.Skip);

    /// <summary>Gets the action that discards dead letters and the events that wait for them.</summary>
    public static DeadLetterAction Discard { get; } = new(DeadLetterDecision.Discard);

    /// <summary>Gets the decision that is recorded.</summary>
    public DeadLetterDecision Decision { get; }

    /// <summary>Gets whether the action changes payloads.</summary>
    public bool IsEdit => _patch is not null || _payload is not null;

    /// <summary>
    /// Returns the action that changes each payload by a JSON merge patch (RFC 7396), and retries the dead letter. A
    /// patch is a JSON object, such as <c>{"amount": 5, "note": null}</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The patch is not a JSON object.</exception>
    public static DeadLetterAction Patch(ReadOnlyMemory<byte> mergePatch) =>
        new(
            DeadLetterDecision.Retry,
            Parse(mergePatch) as JsonObject
                ?? throw new ArgumentException("The patch is not a JSON object.", nameof(mergePatch)));

    /// <summary>Returns the action that retries one dead letter with another payload.</summary>
    internal static DeadLetterAction OfPayload(ReadOnlyMemory<byte> payload) =>
        new(DeadLetterDecision.Retry, payload: payload);

    /// <summary>Returns the changed payload, or null if the action does not change payloads.</summary>
    /// <exception cref="ArgumentException">The payload is neither JSON nor CBOR.</exception>
    internal ReadOnlyMemory<byte>? Apply(ReadOnlyMemory<byte> payload, string contentType)
    {
        if (_payload is { } replacement)
            return AsStored(replacement, contentType);
        if (_patch is null)
            return null;
        var isCbor = contentType == EventContentType.Cbor;
        var patched = Merge(Parse(isCbor ? CborToJson(payload) : payload), _patch);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            patched.WriteTo(writer);
        return isCbor ? Cbor(stream.ToArray()) : stream.ToArray();
    }

    /// <summary>
    /// Returns a payload in the encoding of a media type. Converts JSON to CBOR if the event is stored as CBOR.
    /// </summary>
    /// <exception cref="ArgumentException">The media type is JSON or CBOR, and the payload is not.</exception>
    internal static ReadOnlyMemory<byte> AsStored(ReadOnlyMemory<byte> payload, string contentType)
    {
        if (contentType == EventContentType.Json)
        {
            Parse(payload);
            return payload;
        }
        if (contentType != EventContentType.Cbor)
            return payload;
        if (!IsJsonObject(payload.Span))
        {
            CborToJson(payload);
            return payload;
        }
        Parse(payload);
        return Cbor(payload.Span);
    }

    private static byte[] Cbor(ReadOnlySpan<byte> json)
    {
        try
        {
            return CborJson.FromJson(json);
        }
        catch (JsonException exception)
        {
            throw new ArgumentException(
                $"The payload cannot be written as CBOR: {exception.Message}", nameof(json), exception);
        }
    }

    /// <summary>
    /// Returns true if a payload is a JSON object. A CBOR object never starts with a brace or a blank.
    /// </summary>
    private static bool IsJsonObject(ReadOnlySpan<byte> payload) => payload.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static byte[] CborToJson(ReadOnlyMemory<byte> cbor)
    {
        try
        {
            return CborJson.ToJson(cbor.Span);
        }
        catch (MalformedCborException exception)
        {
            throw new ArgumentException(
                $"The payload is neither JSON nor CBOR: {exception.Message}", nameof(cbor), exception);
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
            throw new ArgumentException($"The payload is not JSON: {exception.Message}", nameof(json), exception);
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

using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Storage;

namespace Millrace;

/// <summary>What is done with dead letters: tried again as they are or with a change to their payload, skipped or discarded.</summary>
public sealed class DeadLetterFix
{
    private readonly JsonObject? _patch;

    private DeadLetterFix(DeadLetterDecision decision, JsonObject? patch = null) => (Decision, _patch) = (decision, patch);

    /// <summary>Tries them again as they are, because the code or what it calls was mended.</summary>
    public static DeadLetterFix Retry { get; } = new(DeadLetterDecision.Retry);

    /// <summary>Passes them over; what waits behind each goes on.</summary>
    public static DeadLetterFix Skip { get; } = new(DeadLetterDecision.Skip);

    /// <summary>Gives them up, each with what waits behind it.</summary>
    public static DeadLetterFix Discard { get; } = new(DeadLetterDecision.Discard);

    /// <summary>What is decided.</summary>
    public DeadLetterDecision Decision { get; }

    /// <summary>Whether it changes payloads.</summary>
    public bool IsEdit => _patch is not null;

    /// <summary>Changes each payload by a JSON merge patch (RFC 7396), and tries again: <c>{"amount": 5, "note": null}</c>.</summary>
    /// <exception cref="ArgumentException">It is not a JSON object.</exception>
    public static DeadLetterFix Patch(ReadOnlyMemory<byte> mergePatch) => new(
        DeadLetterDecision.Retry,
        Parse(mergePatch) as JsonObject ?? throw new ArgumentException("The patch is not a JSON object.", nameof(mergePatch)));

    /// <summary>The payload as changed; null when it is left as it is.</summary>
    /// <exception cref="ArgumentException">The payload is not JSON.</exception>
    internal ReadOnlyMemory<byte>? Apply(ReadOnlyMemory<byte> payload)
    {
        if (_patch is null)
            return null;
        var patched = Merge(Parse(payload), _patch);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            patched.WriteTo(writer);
        return stream.ToArray();
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

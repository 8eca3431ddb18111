using System.Text.Json;
using Millrace.Protection;

namespace Millrace.Messaging;

/// <summary>Checks that no value that is encrypted in the store is published unencrypted.</summary>
internal static class StoredEncryption
{
    /// <summary>
    /// Throws when an event was stored with an encrypted value that no mark of this application covers, for example
    /// because the mark was removed, or because the type is unknown. Null and erased values are not published values.
    /// </summary>
    /// <param name="recorded">The decrypted event.</param>
    /// <param name="values">The values that are encrypted in the message.</param>
    /// <exception cref="ProtectedValueException">A value would be published unencrypted.</exception>
    public static void RequireCovered(RecordedEvent recorded, IReadOnlyList<MarkedValue> values)
    {
        if (recorded.EncryptionKeyId is null
            || recorded.Metadata.Encryption is not { IsOfMillrace: true, Fields: { IsDefault: false } fields })
            return;
        foreach (var path in fields)
        {
            if (!values.Any(value => IsIn(path, value.Path)) && !IsEmpty(recorded.ReadablePayload, path))
                throw new ProtectedValueException(
                    recorded.Type,
                    $"its value at {path} is encrypted in the store, but no mark of this application covers it, so "
                        + "that it would be published unencrypted. Mark the member, also for former schema versions, "
                        + $"or set {nameof(TransportOptions.PublishesDecrypted)}.");
        }
    }

    private static bool IsIn(string path, string outer) =>
        path.StartsWith(outer, StringComparison.Ordinal) && (path.Length == outer.Length || path[outer.Length] == '/');

    private static bool IsEmpty(ReadOnlyMemory<byte> json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return IsEmpty(document.RootElement, MarkNode.SegmentsOf(path));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Returns whether all values at a path are missing, null, or the value after erasure.</summary>
    private static bool IsEmpty(JsonElement value, ReadOnlySpan<string> segments)
    {
        if (segments.IsEmpty)
            return value.ValueKind == JsonValueKind.Null || value.GetRawText() == CipherText.DefaultErased;
        var name = JsonPathStack.Unescape(segments[0]);
        if (value.ValueKind == JsonValueKind.Array)
            return !int.TryParse(name, out var index)
                || index >= value.GetArrayLength()
                || IsEmpty(value[index], segments[1..]);
        if (value.ValueKind != JsonValueKind.Object)
            return true;
        foreach (var member in value.EnumerateObject()) // A name can occur more than once.
        {
            if (member.NameEquals(name) && !IsEmpty(member.Value, segments[1..]))
                return false;
        }
        return true;
    }
}

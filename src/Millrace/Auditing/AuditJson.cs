using System.Buffers;
using System.Text;
using System.Text.Json;
using Millrace.Events;

namespace Millrace.Auditing;

/// <summary>Writes and reads entries as the payloads of events.</summary>
internal static class AuditJson
{
    public const int MaxResource = 600;
    private const int MaxAction = 200;
    private const int MaxUser = 256;
    private const int MaxReason = 1_000;
    private const int MaxAddress = 64;
    private const int MaxUserAgent = 512;
    private const int MaxSetting = 500;

    /// <summary>Returns an event with an entry. Long texts from clients are shortened.</summary>
    /// <exception cref="ArgumentException">The action or the resource is empty or too long.</exception>
    public static NewEvent EventOf(AuditEntry entry)
    {
        Check(entry.Action, MaxAction, nameof(entry.Action));
        Check(entry.Resource, MaxResource, nameof(entry.Resource));
        var user = Shortened(entry.User, MaxUser);
        return NewEvent.FromBytes(PlatformEvents.AuditRecorded, Write(entry, user)) with
        {
            Metadata = new EventMetadata { UserId = user },
            CorrelationId = entry.CorrelationId,
        };
    }

    /// <summary>Reads the entry in an event; null if the event is not an entry.</summary>
    public static AuditEntry? TryRead(RecordedEvent recorded)
    {
        if (recorded.Type != PlatformEvents.AuditRecorded || recorded.Stream != AuditTrail.Stream)
            return null;
        try
        {
            using var json = JsonDocument.Parse(recorded.Payload);
            return Read(json.RootElement, recorded);
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null; // The event was appended by another program, or was manipulated.
        }
    }

    private static byte[] Write(AuditEntry entry, string? user)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("action"u8, entry.Action);
            writer.WriteString("resource"u8, entry.Resource);
            writer.WriteString("result"u8, NameOf(entry.Result));
            WriteIfSet(writer, "user", user);
            WriteIfSet(writer, "reason", Shortened(entry.Reason, MaxReason));
            WriteIfSet(writer, "address", Shortened(entry.Origin?.Address, MaxAddress));
            WriteIfSet(writer, "userAgent", Shortened(entry.Origin?.UserAgent, MaxUserAgent));
            WriteChanges(writer, entry.Changes);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static AuditEntry? Read(JsonElement json, RecordedEvent recorded)
    {
        var result = ResultOf(json.GetProperty("result"u8).GetString());
        if (result is null || TextOf(json, "action") is not { } action || TextOf(json, "resource") is not { } resource)
            return null;
        var (address, userAgent) = (TextOf(json, "address"), TextOf(json, "userAgent"));
        return new AuditEntry(action, resource, result.Value)
        {
            User = TextOf(json, "user"),
            Reason = TextOf(json, "reason"),
            Origin = address is null && userAgent is null ? null : new AuditOrigin(address, userAgent),
            CorrelationId = recorded.CorrelationId,
            Changes = ReadChanges(json),
            Time = recorded.Timestamp,
            Position = recorded.Position,
        };
    }

    private static void WriteChanges(Utf8JsonWriter writer, IReadOnlyList<AuditChange> changes)
    {
        if (changes.Count == 0)
            return;
        writer.WriteStartArray("changes"u8);
        foreach (var change in changes)
        {
            writer.WriteStartObject();
            WriteIfSet(writer, "name", Shortened(change.Name, MaxSetting));
            WriteIfSet(writer, "before", Shortened(change.Before, MaxSetting));
            WriteIfSet(writer, "after", Shortened(change.After, MaxSetting));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static AuditChange[] ReadChanges(JsonElement json) =>
        json.TryGetProperty("changes"u8, out var changes)
            ? [.. changes.EnumerateArray().Select(static change => new AuditChange(
                TextOf(change, "name") ?? "", TextOf(change, "before"), TextOf(change, "after")))]
            : [];

    private static string NameOf(AuditResult result) => result switch
    {
        AuditResult.Succeeded => "succeeded",
        AuditResult.Denied => "denied",
        AuditResult.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "There is no such result."),
    };

    private static AuditResult? ResultOf(string? name) => name switch
    {
        "succeeded" => AuditResult.Succeeded,
        "denied" => AuditResult.Denied,
        "failed" => AuditResult.Failed,
        _ => null,
    };

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static void WriteIfSet(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
            writer.WriteString(name, text);
    }

    private static void Check(string text, int maxLength, string name)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > maxLength)
            throw new ArgumentException($"{name}: must have from 1 to {maxLength} characters.", name);
    }

    /// <summary>Returns at most a number of characters that can be stored.</summary>
    private static string? Shortened(string? text, int maxLength)
    {
        if (text is null)
            return null;
        var cut = text.Length > maxLength ? text[..maxLength] : text;
        if (!WellFormedText.HasLoneSurrogate(cut) && !cut.Contains('\0', StringComparison.Ordinal))
            return cut;
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut)).Replace('\0', '\ufffd'); // Half pairs as well.
    }
}

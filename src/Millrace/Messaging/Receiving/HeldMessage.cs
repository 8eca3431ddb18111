using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Millrace.Messaging.Receiving;

/// <summary>
/// Converts a message that could not be handled, or that waits for such a message, to and from an event in the log. The
/// event is a CloudEvent as JSON, with additional attributes.
/// </summary>
internal static class HeldMessage
{
    private const string HeadersName = "millraceheaders";
    private const string ProblemName = "millraceproblem";
    private const string AttemptsName = "millraceattempts";
    private const string TombstoneName = "millracetombstone";
    private const int MaxKeyBytes = 300;
    private const int MaxAttempts = 1_000_000; // Exceeds the maximum of any policy, and prevents an overflow.

    private static readonly CloudEventBinding Binding = new("ce-");

    /// <summary>Returns the prefix of the stream names of a receiver.</summary>
    public static string PrefixOf(string receiver) => $"received.{receiver}:";

    public static StreamId StreamOf(string receiver, Message message)
    {
        var key = message.Key;
        var isPlain =
            key.Length > 0
            && !key.Contains('\0', StringComparison.Ordinal)
            && Encoding.UTF8.GetByteCount(key) <= MaxKeyBytes;
        return StreamId.TryParse(PrefixOf(receiver) + key, out var stream) && isPlain
            ? stream
            : new StreamId(
                PrefixOf(receiver) + "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
    }

    /// <summary>Writes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="problem">The reason why the message cannot be read; null if it can be read.</param>
    /// <param name="attempts">The number of failed attempts to handle the message before it was written to the
    /// log.</param>
    /// <param name="isTombstone">True for a tombstone.</param>
    public static ReadOnlyMemory<byte> Write(
        Message message, string? problem, int attempts = 0, bool isTombstone = false)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        var others = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in message.Headers)
        {
            if (name is HeadersName or ProblemName or AttemptsName or TombstoneName)
                continue; // Only this class sets these headers. A sender must not set the number of failures.
            (CloudEventJson.CanBeAttribute(name) ? attributes : others)[name] = value;
        }
        if (others.Count > 0)
            attributes[HeadersName] = TextOf(others);
        if (problem is not null)
            attributes[ProblemName] = problem;
        if (attempts > 0)
            attributes[AttemptsName] = attempts.ToString(CultureInfo.InvariantCulture);
        if (isTombstone)
            attributes[TombstoneName] = "true";
        return CloudEventJson.Write(message with { Headers = attributes });
    }

    /// <summary>
    /// Returns the reason why a message is stored without its body and headers. The reason contains the size and hash
    /// of the body, so that the sender can identify it.
    /// </summary>
    public static string TruncationReason(Message message, string? problem, int maxBytes)
    {
        var start = problem is null ? "it is" : $"{problem} It is also";
        return $"{start} too large to be kept, because an event has at most {maxBytes:N0} bytes: its body of "
            + $"{message.Body.Length:N0} bytes (SHA-256 "
            + $"{Convert.ToHexStringLower(SHA256.HashData(message.Body.Span))}) and its {message.Headers.Count:N0} "
            + "headers are left out. Have it sent again when it can be handled.";
    }

    public static (Message Message, string? Problem, int Attempts, bool IsTombstone) Read(ReadOnlyMemory<byte> payload)
    {
        var (message, problem) = Binding.Read(CloudEventJson.ContentType, [], payload);
        var headers = new Dictionary<string, string>(message.Headers, StringComparer.Ordinal);
        if (headers.Remove(ProblemName, out var known))
            problem = known;
        var attempts =
            headers.Remove(AttemptsName, out var attemptsText)
            && int.TryParse(attemptsText, CultureInfo.InvariantCulture, out var count)
                ? Math.Clamp(count, 0, MaxAttempts)
                : 0;
        if (headers.Remove(HeadersName, out var others))
        {
            using var json = JsonDocument.Parse(others);
            foreach (var header in json.RootElement.EnumerateObject())
                headers[header.Name] = header.Value.GetString() ?? "";
        }
        var isTombstone = headers.Remove(TombstoneName);
        return (message with { Headers = headers }, isTombstone ? null : problem, attempts, isTombstone);
    }

    private static string TextOf(Dictionary<string, string> headers)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in headers)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}

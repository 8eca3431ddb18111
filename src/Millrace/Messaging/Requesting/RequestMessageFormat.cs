using System.Globalization;
using System.Text.Json;
using Millrace.Protection;

namespace Millrace.Messaging.Requesting;

/// <summary>
/// Defines how requests and replies are written as messages. All brokers and formats support these header names.
/// </summary>
internal static class RequestMessageFormat
{
    public const string ReplyTo = "replyto"; // The destination of the reply.
    public const string ReplyType = "replytype"; // The type of the reply, which is specific to the requesting node.
    public const string Expires = "expires"; // The expiry of the request. A refusal repeats it.
    public const string Refused = "refused"; // In a refusal: the kind of error.
    public const string Settled = "settled"; // In a refusal: true if other copies of the request have no effect either.
    public const string Yes = "true";

    private const string Problem = "problem";

    /// <summary>Gets the marked members of a refusal: its text.</summary>
    public static MarkNode ProblemMarks { get; } = MarkNode.Of([ProtectionModel.Derived("/" + Problem)]);

    public static string TextOf(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Returns true if the request has expired.</summary>
    public static bool IsExpired(Message request, DateTimeOffset now) => ExpiryOf(request) <= now;

    /// <summary>Returns the expiry of a request; null if it has none.</summary>
    public static DateTimeOffset? ExpiryOf(Message request) =>
        request.Headers.TryGetValue(Expires, out var text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires)
            ? expires
            : null;

    /// <summary>
    /// Returns true if a refusal guarantees that the request has no effect. A refusal of an earlier request with the
    /// same key is valid only while that request has not expired.
    /// </summary>
    public static bool IsSettled(Message request, Message refusal) =>
        refusal.Headers.TryGetValue(Settled, out var settled)
        && settled == Yes
        && refusal.Headers.TryGetValue(Expires, out var refusedExpiry)
        && request.Headers.TryGetValue(Expires, out var expires)
        && refusedExpiry == expires;

    public static ReadOnlyMemory<byte> WriteProblem(string problem)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString(Problem, problem);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    public static string ReadProblem(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.TryGetProperty(Problem, out var problem)
                ? problem.ToString()
                : "no reason was given.";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return "the reason cannot be read.";
        }
    }
}

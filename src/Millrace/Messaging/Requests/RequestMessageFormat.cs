using System.Globalization;
using System.Text.Json;

namespace Millrace.Messaging;

/// <summary>How requests and replies stand in messages: names of headers are such that every broker and form has
/// them.</summary>
internal static class RequestMessageFormat
{
    public const string ReplyTo = "replyto"; // The destination of the reply.
    public const string ReplyType = "replytype"; // The type of the reply: it is the asking node's own.
    public const string Expires = "expires"; // Of a reply that refuses: that of the request which it answers.
    public const string Refused = "refused"; // Of a reply: the kind of error.
    public const string Settled = "settled"; // Of a reply that refuses: whether no copy of the request is done either.
    public const string Yes = "true";

    private const string Problem = "problem";

    public static string TextOf(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Whether nobody waits for a reply any more, as far as the request says.</summary>
    public static bool IsExpired(Message request, DateTimeOffset now) => ExpiryOf(request) <= now;

    /// <summary>Until when somebody waits for a reply; null when the request does not say.</summary>
    public static DateTimeOffset? ExpiryOf(Message request) =>
        request.Headers.TryGetValue(Expires, out var text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires)
            ? expires
            : null;

    /// <summary>
    /// Whether a refusal says that nothing will be done of a request. What was said to an earlier one, sent with the
    /// same key, holds for as long as that one lives.
    /// </summary>
    public static bool IsSettled(Message request, Message refusal) =>
        refusal.Headers.TryGetValue(Settled, out var settled)
        && settled == Yes
        && refusal.Headers.TryGetValue(Expires, out var of)
        && request.Headers.TryGetValue(Expires, out var expires)
        && of == expires;

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
            return "no reason was given that can be read.";
        }
    }
}

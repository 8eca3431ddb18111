using System.Text.Json;
using System.Text.Unicode;
using Millrace.Serialization;
using Millrace.Shared.CloudEvents;
using Millrace.Shared.Json;

namespace Millrace.Cli;

/// <summary>Validates payloads by their content type.</summary>
internal static class PayloadValidator
{
    /// <summary>
    /// Returns the reason why a payload does not match its content type. Returns null if it matches, or if the type is
    /// neither JSON nor CBOR.
    /// </summary>
    /// <remarks>An empty payload is an event without data.</remarks>
    public static string? FindProblem(ReadOnlySpan<byte> payload, string contentType)
    {
        if (payload.IsEmpty)
            return null;
        return CloudEventWriter.IsJson(contentType) ? JsonProblem(payload)
            : IsCbor(contentType) ? CborProblem(payload)
            : null;
    }

    /// <summary>Returns a payload from the command line. JSON is returned in UTF-8 without a byte order mark.</summary>
    /// <param name="payload">The bytes.</param>
    /// <param name="contentType">The stated media type.</param>
    /// <param name="source">The source of the payload, for errors.</param>
    /// <param name="fix">The instruction that corrects an invalid payload. The default recommends another content
    /// type.</param>
    /// <exception cref="CliException">The payload is not well formed.</exception>
    public static byte[] Check(byte[] payload, string contentType, string source, string? fix = null)
    {
        if (payload.Length > new EventLimits().MaxPayloadBytes)
            return payload; // The store rejects the payload, because it is too large.
        var isJson = CloudEventWriter.IsJson(contentType);
        var bytes = isJson ? TextDecoder.ToUtf8(payload, source) : payload;
        var problem =
            isJson && bytes.Length == 0
                ? "it is empty."
                : FindProblem(bytes, contentType) ?? (isJson ? RepeatedNameProblem(bytes) : null);
        return problem is null
            ? bytes
            : throw new CliException(
                ExitCode.Usage,
                $"{source} is not {contentType}: {problem}",
                fix
                    ?? "Correct it, or specify another --content-type, such as text/plain or application/octet-stream."
            );
    }

    /// <summary>Returns whether a content type is CBOR.</summary>
    public static bool IsCbor(string contentType)
    {
        var type = contentType.Split(';')[0].Trim();
        return type.EndsWith("/cbor", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+cbor", StringComparison.OrdinalIgnoreCase);
    }

    private static string? JsonProblem(ReadOnlySpan<byte> payload)
    {
        if (payload.StartsWith("\uFEFF"u8))
            return "it starts with a byte order mark.";
        if (!Utf8.IsValid(payload))
            return "it is not UTF-8.";
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = PayloadJson.MaxDepth });
        try
        {
            while (reader.Read())
            {
            }
            return null;
        }
        catch (JsonException exception)
        {
            return exception.Message;
        }
    }

    private static string? CborProblem(ReadOnlySpan<byte> payload)
    {
        try
        {
            CborJson.ToJson(payload);
            return null;
        }
        catch (MalformedCborException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>
    /// Returns the problem of JSON in which an object repeats a name, or null. Readers would ignore one of the values.
    /// </summary>
    private static string? RepeatedNameProblem(byte[] json)
    {
        try
        {
            using var parsed = JsonDocument.Parse(
                json, new JsonDocumentOptions { MaxDepth = PayloadJson.MaxDepth, AllowDuplicateProperties = false });
            return null;
        }
        catch (JsonException exception)
        {
            return exception.Message;
        }
        catch (InvalidOperationException)
        {
            return "a name contains half of a surrogate pair.";
        }
    }
}

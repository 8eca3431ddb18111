using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Millrace.AspNetCore.Binding;

/// <summary>
/// Reads a body as a JSON object. Limits the size of the body, and rejects repeated members and malformed texts.
/// </summary>
internal static class JsonBody
{
    private const int DefaultBytes = 1024 * 1024;
    private const int ChunkBytes = 16 * 1024;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Returns the object, or an empty object if the request has no body.</summary>
    /// <exception cref="BadHttpRequestException">The body is too large, or its content type is not JSON.</exception>
    /// <exception cref="MalformedMessageException">The body is not a valid JSON object.</exception>
    public static async ValueTask<JsonObject> Read(HttpContext http, int maxBytes = DefaultBytes)
    {
        var request = http.Request;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = Math.Min(maxBytes, limit.MaxRequestBodySize ?? maxBytes);
        if (request.ContentLength == 0
            || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
        )
            return [];
        if (!request.HasJsonContentType())
            throw new BadHttpRequestException(
                "The body must be application/json.", StatusCodes.Status415UnsupportedMediaType);
        var charset = BodyCharset.Of(request.ContentType);
        var bytes = await ReadBytes(request.Body, maxBytes, http.RequestAborted).ConfigureAwait(false);
        if (bytes.IsEmpty)
            return [];
        return Parse(charset is null ? bytes : BodyCharset.ToUtf8(bytes, charset));
    }

    /// <summary>
    /// Reads the body into memory. The size is checked here as well, because not every server applies the limit.
    /// </summary>
    private static async ValueTask<ReadOnlyMemory<byte>> ReadBytes(
        Stream body, int maxBytes, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        while (await body.ReadAsync(chunk, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            if (bytes.Length + read > maxBytes)
                throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
            bytes.Write(chunk, 0, read);
        }
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        var json = bytes.Span.StartsWith(byteOrderMark) ? bytes.Span[byteOrderMark.Length..] : bytes.Span;
        try
        {
            RequireWellFormed(json);
            return JsonNode.Parse(json, null, Strict) as JsonObject
                ?? throw new MalformedMessageException("The body must be a JSON object.", []);
        }
        catch (JsonException exception)
        {
            throw new MalformedMessageException($"The body is not JSON: {exception.Message}", []);
        }
    }

    /// <summary>
    /// Validates all strings. System.Text.Json decodes a string only when it is read. For half of a surrogate pair, it
    /// then throws an InvalidOperationException instead of a JsonException.
    /// </summary>
    private static void RequireWellFormed(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw new MalformedMessageException("The body is not JSON: it is not UTF-8.", []);
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader is { ValueIsEscaped: true, TokenType: JsonTokenType.String or JsonTokenType.PropertyName })
                RequireWholePairs(ref reader);
        }
    }

    private static void RequireWholePairs(ref Utf8JsonReader reader)
    {
        try
        {
            reader.GetString();
        }
        catch (InvalidOperationException)
        {
            var message =
                $"The body is not JSON: a text at byte {reader.TokenStartIndex} contains half of a surrogate pair.";
            throw new MalformedMessageException(message, []);
        }
    }
}

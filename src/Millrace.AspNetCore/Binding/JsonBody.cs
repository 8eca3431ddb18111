using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Millrace.AspNetCore;

/// <summary>Reads a body as a JSON object: within a bound, each member once, and every text well formed.</summary>
internal static class JsonBody
{
    private const int DefaultBytes = 1024 * 1024;
    private const int ChunkBytes = 16 * 1024;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The object; an empty one when there is no body.</summary>
    /// <exception cref="BadHttpRequestException">It is too large, or says that it is no JSON.</exception>
    /// <exception cref="MalformedMessageException">It is no such object.</exception>
    public static async ValueTask<JsonObject> Read(HttpContext http, int mostBytes = DefaultBytes)
    {
        var request = http.Request;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = Math.Min(mostBytes, limit.MaxRequestBodySize ?? mostBytes);
        if (request.ContentLength == 0
            || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
        )
            return [];
        if (!request.HasJsonContentType())
            throw new BadHttpRequestException(
                "The body must be application/json.", StatusCodes.Status415UnsupportedMediaType);
        var charset = BodyCharset.Of(request.ContentType);
        var bytes = await ReadBytes(request.Body, mostBytes, http.RequestAborted).ConfigureAwait(false);
        if (bytes.IsEmpty)
            return [];
        return Parse(charset is null ? bytes : BodyCharset.ToUtf8(bytes, charset));
    }

    /// <summary>Reads it into memory. Servers without the limit that was set above are held to it here.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>> ReadBytes(
        Stream body, int mostBytes, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        while (await body.ReadAsync(chunk, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            if (bytes.Length + read > mostBytes)
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
    /// System.Text.Json looks at texts only when they are asked for, and half a surrogate pair is then no error of JSON
    /// but of the program.
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
                $"The body is not JSON: a text at byte {reader.TokenStartIndex} holds half of a surrogate pair.";
            throw new MalformedMessageException(message, []);
        }
    }
}

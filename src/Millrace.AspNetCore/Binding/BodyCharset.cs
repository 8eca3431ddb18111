using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Millrace.AspNetCore.Binding;

/// <summary>Reads a body in a charset other than UTF-8.</summary>
internal static class BodyCharset
{
    /// <summary>
    /// Returns the charset of the content type. Returns null for UTF-8 or if the content type has no charset.
    /// </summary>
    /// <exception cref="BadHttpRequestException">The charset is unknown.</exception>
    public static Encoding? Of(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var media)
            || HeaderUtilities.RemoveQuotes(media.Charset).Value is not { } name)
            return null;
        try
        {
            var encoding = Encoding.GetEncoding(
                name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
            return encoding.CodePage == Encoding.UTF8.CodePage ? null : encoding;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new BadHttpRequestException(
                $"The charset '{name}' is not supported: send the body as UTF-8.",
                StatusCodes.Status415UnsupportedMediaType);
        }
    }

    /// <summary>Converts a text to UTF-8.</summary>
    /// <exception cref="MalformedMessageException">The bytes are not valid in the charset.</exception>
    public static ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> bytes, Encoding charset)
    {
        try
        {
            return Encoding.UTF8.GetBytes(charset.GetString(bytes.Span));
        }
        catch (DecoderFallbackException)
        {
            throw new MalformedMessageException(
                $"The body is not JSON: it is not valid {charset.WebName}, the charset of its content type.",
                []);
        }
    }
}

using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Millrace.WebConsole;

/// <summary>
/// Serves the page and its files. Every path that is not a file is the page, which shows the screen of the path.
/// </summary>
internal sealed class ConsoleEndpoint(ConsoleFiles files, string title)
{
    /// <summary>The route value with the rest of the path.</summary>
    public const string Rest = "rest";

    private const string FilePrefix = "files/";
    private const string Immutable = "public, max-age=31536000, immutable";

    // Scripts set the styles of elements, and the editor uses constructed style sheets: no style needs 'unsafe-inline'.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            + "base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

    public async Task Handle(HttpContext http)
    {
        SetHeaders(http.Response.Headers);
        var rest = http.Request.RouteValues[Rest] as string ?? "";
        if (rest.StartsWith(FilePrefix, StringComparison.Ordinal))
            await SendFile(http, rest).ConfigureAwait(false);
        else
            await SendPage(http, rest).ConfigureAwait(false);
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
    }

    private async Task SendFile(HttpContext http, string name)
    {
        if (!files.TryGet(name, out var file))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var headers = http.Response.Headers;
        headers.ETag = file.ETag;
        headers.CacheControl = Immutable; // The name contains a hash of the content.
        headers.Vary = HeaderNames.AcceptEncoding;
        if (http.Request.Headers.IfNoneMatch.Contains(file.ETag))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var encoding = EncodingOf(http.Request);
        if (encoding.Length > 0)
            headers.ContentEncoding = encoding;
        await Send(http, file.ContentType, file.Content(encoding)).ConfigureAwait(false);
    }

    private async Task SendPage(HttpContext http, string rest)
    {
        if (OperatorRoutes.Find(http) is not { } routes)
        {
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await http.Response
                .WriteAsync(
                    "The console needs the routes for operators: call app.MapMillrace(options => "
                        + "options.OperatorPolicy = \"…\") in the same application.",
                    http.RequestAborted)
                .ConfigureAwait(false);
            return;
        }
        if (!await routes.Admit(http).ConfigureAwait(false))
            return;
        http.Response.Headers.CacheControl = "no-store"; // The next version has other files.
        var encoder = HtmlEncoder.Default;
        var page = files.Index
            .Replace("{{base}}", encoder.Encode(BaseOf(http.Request, rest)), StringComparison.Ordinal)
            .Replace("{{api}}", encoder.Encode(routes.Path), StringComparison.Ordinal)
            .Replace("{{title}}", encoder.Encode(title), StringComparison.Ordinal);
        await Send(http, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page)).ConfigureAwait(false);
    }

    /// <summary>Returns the path of the console as the browser sees it, also behind a path base.</summary>
    private static string BaseOf(HttpRequest request, string rest)
    {
        var path = request.Path.Value ?? "";
        var own = rest.Length > 0 && path.EndsWith(rest, StringComparison.Ordinal) ? path[..^rest.Length] : path;
        return $"{request.PathBase}{new PathString(own.TrimEnd('/')).ToUriComponent()}/";
    }

    private static string EncodingOf(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().AcceptEncoding;
        return Accepts("br") ? "br" : Accepts("gzip") ? "gzip" : "";

        bool Accepts(string name) => accepted.Any(
            item => item.Value.Equals(name, StringComparison.OrdinalIgnoreCase) && item.Quality is (null or > 0));
    }

    private static async Task Send(HttpContext http, string contentType, ReadOnlyMemory<byte> content)
    {
        http.Response.ContentType = contentType;
        http.Response.ContentLength = content.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(content, http.RequestAborted).ConfigureAwait(false);
    }
}

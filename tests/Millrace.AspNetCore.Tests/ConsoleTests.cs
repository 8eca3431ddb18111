using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests how the console is served.</summary>
public sealed partial class ConsoleTests
{
    [Fact]
    public async Task Every_path_is_the_page_and_names_the_routes_for_operators()
    {
        await using var app = await OperatorsApp.Start(map: web => web.MapMillraceConsole(options =>
            options.Title = "Library <test> & co"));

        foreach (var path in (string[])["/console", "/console/", "/console/events/12", "/console/streams/a%2Fb"])
        {
            var page = await app.Client.GetStringAsync(path);
            Assert.Contains("<base href=\"/console/\">", page, StringComparison.Ordinal);
            Assert.Contains("name=\"millrace-api\" content=\"/millrace\"", page, StringComparison.Ordinal);
            Assert.Contains("<title>Library &lt;test&gt; &amp; co</title>", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_page_works_in_a_group_of_routes()
    {
        await using var app = await OperatorsApp.Start(map: web => web.MapGroup("/ops").MapMillraceConsole());

        var page = await app.Client.GetStringAsync("/ops/console/events/12");

        Assert.Contains("<base href=\"/ops/console/\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_requires_the_policy_of_operators_and_its_files_do_not()
    {
        await using var app = await OperatorsApp.Start(map: web => web.MapMillraceConsole());
        var file = await FirstFile(app);
        app.Client.DefaultRequestHeaders.Remove("X-User");

        var anonymous = await app.Client.GetAsync("/console");
        app.Client.DefaultRequestHeaders.Add("X-User", "eve");
        var other = await app.Client.GetAsync("/console");

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync(file)).StatusCode);
    }

    [Fact]
    public async Task Responses_have_strict_headers()
    {
        await using var app = await OperatorsApp.Start(map: web => web.MapMillraceConsole());

        foreach (var path in (string[])["/console", await FirstFile(app)])
        {
            var response = await app.Client.GetAsync(path);
            var policy = response.Header("Content-Security-Policy")!;
            Assert.StartsWith(
                "default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Header("X-Content-Type-Options"));
            Assert.Equal("no-referrer", response.Header("Referrer-Policy"));
        }
        Assert.DoesNotMatch(InlineCode(), await app.Client.GetStringAsync("/console"));
    }

    [Fact]
    public async Task Files_are_compressed_and_cached_and_are_not_sent_again()
    {
        await using var app = await OperatorsApp.Start(map: web => web.MapMillraceConsole());
        var file = await FirstFile(app);
        var plain = await app.Client.GetByteArrayAsync(file);

        using var gzip = await Ask(app, file, "Accept-Encoding", "gzip");
        using var brotli = await Ask(app, file, "Accept-Encoding", "gzip, br");
        using var again = await Ask(app, file, "If-None-Match", brotli.Header("ETag")!);

        Assert.Equal(
            plain, await Unpack(gzip, "gzip", static stream => new GZipStream(stream, CompressionMode.Decompress)));
        Assert.Equal(
            plain, await Unpack(brotli, "br", static stream => new BrotliStream(stream, CompressionMode.Decompress)));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Contains("immutable", gzip.Header("Cache-Control"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync("/console/files/none.js")).StatusCode);
    }

    [Fact]
    public async Task Without_routes_for_operators_the_page_says_what_is_missing()
    {
        await using var app = await LibraryApp.Start(map: web => web.MapMillraceConsole());

        var response = await app.Client.GetAsync("/console");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains(
            "app.MapMillrace(options =>", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("console", "Millrace")]
    [InlineData("/{tenant}/console", "Millrace")]
    [InlineData("/console", " ")]
    public async Task Wrong_options_are_refused(string path, string title)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => OperatorsApp.Start(map: web =>
            web.MapMillraceConsole(options => (options.Path, options.Title) = (path, title))));
    }

    private static async Task<string> FirstFile(LibraryApp app) =>
        $"/console/{Script().Match(await app.Client.GetStringAsync("/console")).Groups[1].Value}";

    private static Task<HttpResponseMessage> Ask(LibraryApp app, string path, string header, string value)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation(header, value);
        return app.Client.SendAsync(request);
    }

    private static async Task<byte[]> Unpack(HttpResponseMessage response, string encoding, Func<Stream, Stream> unpack)
    {
        Assert.Equal([encoding], response.Content.Headers.ContentEncoding);
        await using var content = unpack(await response.Content.ReadAsStreamAsync());
        using var plain = new MemoryStream();
        await content.CopyToAsync(plain);
        return plain.ToArray();
    }

    [GeneratedRegex("""src="\./(files/[^"]+\.js)""")]
    private static partial Regex Script();

    [GeneratedRegex("""<script(?![^>]*\ssrc=)|<style|\son\w+=""")]
    private static partial Regex InlineCode();
}

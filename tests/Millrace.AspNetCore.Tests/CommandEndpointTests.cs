using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore.Tests;

public sealed class CommandEndpointTests
{
    [Fact]
    public async Task A_command_that_creates_a_stream_returns_Created_with_a_location_and_a_token()
    {
        await using var app = await LibraryApp.Start();
        var book = Guid.CreateVersion7();

        var response = await app.Client.PostAsJsonAsync("/books", new { book, title = "Emma", copies = 2, shelf = 1 });

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal($"/books/{book}", response.Headers.Location?.ToString());
        Assert.Equal("1", response.Header(MillraceHeaders.Version));
        Assert.True(ConsistencyToken.TryParse(response.Header(MillraceHeaders.Token), null, out _));
    }

    [Fact]
    public async Task The_route_overrides_the_body()
    {
        await using var app = await LibraryApp.Start();
        var book = await app.Add();

        var response = await app.Client.PostAsJsonAsync(
            $"/books/{book}/loans", new { Book = Guid.Empty, reader = "Ada" });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            $$"""{"book":"{{book}}","reader":"Ada","freeCopies":0}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_broken_invariant_is_Unprocessable_Content_with_its_name()
    {
        await using var app = await LibraryApp.Start();
        var book = await app.Add();
        await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader = "Ada" });

        var response = await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader = "Bob" });

        Assert.Equal((422, "book-free"), await response.Problem());
    }

    [Fact]
    public async Task A_command_that_another_state_would_allow_is_a_conflict_with_its_name()
    {
        await using var app = await LibraryApp.Start();
        var book = await app.Add();
        await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader = "Ada" });

        var response = await app.Client.DeleteAsync($"/books/{book}");

        Assert.Equal((409, "book-here"), await response.Problem());
    }

    [Fact]
    public async Task A_missing_stream_is_not_found_and_an_existing_one_is_a_conflict()
    {
        await using var app = await LibraryApp.Start();
        var book = await app.Add();

        var missing = await app.Client.PostAsJsonAsync($"/books/{Guid.CreateVersion7()}/loans", new { reader = "Ada" });
        var existing = await app.Client.PostAsJsonAsync("/books", new { book, title = "Emma", copies = 2, shelf = 1 });

        Assert.Equal((404, "not-found"), await missing.Problem());
        Assert.Equal((409, "exists"), await existing.Problem());
    }

    [Fact]
    public async Task All_errors_of_a_command_are_reported_by_member()
    {
        await using var app = await LibraryApp.Start();

        var response = await app.Client.PostAsJsonAsync(
            "/books",
            new
            {
                book = Guid.CreateVersion7(),
                title = "",
                copies = 0,
                shelf = 1,
            }
        );

        Assert.Equal((400, "validation-failed"), await response.Problem());
        var errors = (await response.Json()).GetProperty("errors");
        Assert.Equal("A book has a title.", errors.GetProperty("title")[0].GetString());
        Assert.Equal("There is at least one copy.", errors.GetProperty("copies")[0].GetString());
    }

    [Theory]
    [InlineData("""{"book":"0190a9a4-0000-7000-8000-000000000000","title":"Emma"}""", "malformed-request", "copies")]
    [InlineData("""{"book":"nonsense","title":"Emma","copies":1,"shelf":1}""", "malformed-request", "book")]
    [InlineData("""{"book":"0190a9a4-0000-7000-8000-000000000000","title":"E","copies":"many","shelf":1}""", "malformed-request", "copies")]
    [InlineData("""{"book":"0190a9a4-0000-7000-8000-000000000000","title":"Emma","copies":1,"shelf":0}""", "invalid-value", "")]
    [InlineData("""{"title":"a","title":"b"}""", "malformed-request", "")]
    [InlineData("""{"title":""", "malformed-request", "")]
    [InlineData("[1]", "malformed-request", "")]
    [InlineData("null", "malformed-request", "")]
    public async Task A_body_that_is_not_the_command_is_a_bad_request(string body, string error, string member)
    {
        await using var app = await LibraryApp.Start();

        var response = await app.Client.PostAsync("/books", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal((400, error), await response.Problem());
        if (member.Length > 0)
            Assert.True((await response.Json()).GetProperty("errors").TryGetProperty(member, out _));
        Assert.Equal(0, await app.Store.Count(EventFilter.All));
    }

    [Fact]
    public async Task An_invalid_id_in_the_route_is_a_bad_request()
    {
        await using var app = await LibraryApp.Start();

        var response = await app.Client.PostAsJsonAsync("/books/nonsense/loans", new { reader = "Ada" });

        Assert.Equal((400, "malformed-request"), await response.Problem());
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_not_json_is_refused()
    {
        await using var app = await LibraryApp.Start();
        var large = new StringContent(
            "{\"title\":\"" + new string('x', 2_000_000) + "\"}", Encoding.UTF8, "application/json");

        var request = new HttpRequestMessage(HttpMethod.Post, "/books") { Content = large };
        // Without the header, the server may refuse the request while the client still sends the body.
        request.Headers.ExpectContinue = true;
        var tooLarge = await app.Client.SendAsync(request);
        var text = await app.Client.PostAsync("/books", new StringContent("{}", Encoding.UTF8, "text/plain"));

        Assert.Equal((413, "limit-exceeded"), await tooLarge.Problem());
        Assert.Equal((415, "unsupported-media-type"), await text.Problem());
    }

    [Fact]
    public async Task A_busy_store_returns_a_retry_time()
    {
        await using var app = await LibraryApp.Start();

        var response = await app.Client.PostAsJsonAsync("/overload", new { });

        Assert.Equal((503, "busy"), await response.Problem());
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_view_without_rows_returns_a_retry_time()
    {
        await using var app = await LibraryApp.Start(map: static routes => routes.MapGet(
            "/unready", (RequestDelegate)(static _ => throw new ViewNotReadyException("loans", "read it later."))));

        var response = await app.Client.GetAsync(new Uri("/unready", UriKind.Relative));

        Assert.Equal((503, "view-not-ready"), await response.Problem());
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_command_with_DELETE_needs_no_body_and_returns_none()
    {
        await using var app = await LibraryApp.Start();
        var book = await app.Add();

        var response = await app.Client.DeleteAsync($"/books/{book}");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(2, (await app.Store.GetStream(StreamId.For("book", book)))!.Version);
    }

    [Fact]
    public async Task A_repeated_idempotency_key_returns_the_first_answer()
    {
        await using var app = await LibraryApp.Start();
        var book = await app.Add(copies: 5);
        async Task<HttpResponseMessage> Lend()
        {
            var request = new HttpRequestMessage(HttpMethod.Post, $"/books/{book}/loans");
            request.Content = JsonContent.Create(new { reader = "Ada" });
            request.Headers.Add(MillraceHeaders.IdempotencyKey, "\"first-try\"");
            return await app.Client.SendAsync(request);
        }

        var first = await Lend();
        var second = await Lend();

        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Header(MillraceHeaders.Token), second.Header(MillraceHeaders.Token));
        Assert.Null(first.Header(MillraceHeaders.Repeated));
        Assert.Equal("true", second.Header(MillraceHeaders.Repeated));
        Assert.Equal(2, await app.Store.Count(EventFilter.All));
    }
}

using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Tests;

public sealed class QueryEndpointTests
{
    [Fact]
    public async Task A_query_is_read_from_route_and_query_string()
    {
        await using var app = await LibraryApp.Start();
        var book = await app.Add(copies: 3);

        var response = await app.Client.GetAsync($"/books/{book}?at_least=0&words=good&words=clean");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("fresh", response.Header(MillraceHeaders.Fresh));
        Assert.Equal(
            $$"""{"book":"{{book}}","title":"Emma","free":3,"atLeast":0,"words":"good clean","sawToken":false}""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_stale_answer_contains_its_lag()
    {
        await using var app = await LibraryApp.Start();
        var book = await app.Add();

        var response = await app.Client.GetAsync($"/books/{book}?atLeast=7");

        Assert.Equal("stale; by=7", response.Header(MillraceHeaders.Fresh));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_is_read_from_the_header_or_the_query_string(bool inHeader)
    {
        await using var app = await LibraryApp.Start();
        var book = await app.Add();
        var token = (await app.Store.GetToken()).ToString();
        var request = new HttpRequestMessage(HttpMethod.Get, $"/books/{book}" + (inHeader ? "" : $"?after={token}"));
        if (inHeader)
            request.Headers.Add(MillraceHeaders.Token, token);

        var response = await app.Client.SendAsync(request);

        Assert.True((await response.Json()).GetProperty("sawToken").GetBoolean());
    }

    [Fact]
    public async Task A_query_with_the_token_of_a_write_returns_the_write()
    {
        await using var app = await LibraryApp.Start();
        var book = await app.Add(copies: 20);
        for (var loans = 1; loans <= 20; loans++)
        {
            var lent = await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader = "Ada" });

            var response = await app.Client.GetAsync(
                $"/readers/Ada/loans?wait=00:00:30&after={lent.Header(MillraceHeaders.Token)}");

            Assert.Equal("fresh", response.Header(MillraceHeaders.Fresh));
            Assert.Equal(loans, (await response.Json()).GetProperty("loans").GetInt32());
        }
    }

    [Fact]
    public async Task An_endpoint_of_the_application_answers_as_a_query_does()
    {
        await using var app = await LibraryApp.Start(map: app =>
            app.MapGet(
                    "/own/{reader}",
                    (
                        string reader,
                        RequestToken after,
                        IReadModel<string, ReaderLoans> loans,
                        CancellationToken cancellationToken
                    ) => loans.Get(reader, after.Token, cancellationToken).AsTask())
                .WithFreshness());
        var book = await app.Add();
        var lent = await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader = "Ada" });

        var found = await app.Client.GetAsync($"/own/Ada?after={lent.Header(MillraceHeaders.Token)}");
        var missing = await app.Client.GetAsync("/own/Bob");
        var broken = await app.Client.GetAsync("/own/Bob?after=nonsense");

        Assert.Equal("""{"reader":"Ada","loans":1}""", await found.Content.ReadAsStringAsync());
        Assert.Equal("fresh", found.Header(MillraceHeaders.Fresh));
        Assert.Equal((404, "not-found"), await missing.Problem());
        Assert.Equal((400, "bad-request"), await broken.Problem());
    }

    [Fact]
    public async Task A_paused_read_model_answers_stale_after_the_maximum_wait()
    {
        await using var app = await LibraryApp.Start(builder => builder.Services.Configure<ConsumerOptions>(
            options => options.LookEvery = TimeSpan.FromMilliseconds(10)));
        var book = await app.Add(copies: 3);
        await app.Pause("reader-loans@1");
        var lent = await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader = "Ada" });
        var request = new HttpRequestMessage(HttpMethod.Get, "/readers/Ada/loans?wait=00:00:00.1");
        request.Headers.Add(MillraceHeaders.Token, lent.Header(MillraceHeaders.Token));

        var response = await app.Client.SendAsync(request);

        Assert.StartsWith("stale; by=", response.Header(MillraceHeaders.Fresh), StringComparison.Ordinal);
        Assert.Equal(0, (await response.Json()).GetProperty("loans").GetInt32());
    }

    [Fact]
    public async Task A_missing_result_is_not_found()
    {
        await using var app = await LibraryApp.Start();

        var response = await app.Client.GetAsync($"/books/{Guid.CreateVersion7()}");

        Assert.Equal((404, "not-found"), await response.Problem());
    }

    [Theory]
    [InlineData("/books/nonsense", "malformed-request")]
    [InlineData("/books/0190a9a4-0000-7000-8000-000000000000?atLeast=some", "malformed-request")]
    [InlineData("/books/0190a9a4-0000-7000-8000-000000000000?after=some", "bad-request")]
    public async Task A_malformed_query_is_a_bad_request(string path, string error)
    {
        await using var app = await LibraryApp.Start();

        var response = await app.Client.GetAsync(path);

        Assert.Equal((400, error), await response.Problem());
    }

    [Fact]
    public async Task An_unknown_route_is_not_found_as_a_problem()
    {
        await using var app = await LibraryApp.Start();

        var response = await app.Client.GetAsync("/nowhere");
        var missing = await app.Client.GetAsync($"/books/{Guid.CreateVersion7()}");

        Assert.Equal((404, "not-found"), await response.Problem());
        Assert.Equal(
            (await missing.Json()).GetProperty("type").GetString(),
            (await response.Json()).GetProperty("type").GetString());
    }
}

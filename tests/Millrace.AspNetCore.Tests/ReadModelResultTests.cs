using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests endpoints of the application that return the result of a read model.</summary>
public sealed class ReadModelResultTests
{
    [Fact]
    public async Task A_document_is_returned_with_its_freshness()
    {
        await using var app = await Start();
        var lent = await Lend(app, "Ada");

        var response = await app.Client.GetAsync($"/own/readers/Ada?after={lent.Header(MillraceHeaders.Token)}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("fresh", response.Header(MillraceHeaders.Fresh));
        Assert.Null(response.Header(MillraceHeaders.Next));
        Assert.Equal("""{"reader":"Ada","loans":1}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_missing_document_is_not_found_with_its_freshness()
    {
        await using var app = await Start();
        var lent = await Lend(app, "Ada");

        var response = await app.Client.GetAsync($"/own/readers/Bob?after={lent.Header(MillraceHeaders.Token)}");

        Assert.Equal((404, "not-found"), await response.Problem());
        Assert.Equal("fresh", response.Header(MillraceHeaders.Fresh));
        Assert.Equal("/own/readers/Bob", (await response.Json()).GetProperty("instance").GetString());
    }

    [Fact]
    public async Task A_missing_document_of_a_stale_model_is_not_found_and_stale()
    {
        await using var app = await Start();
        await app.Pause("reader-loans@1");
        var lent = await Lend(app, "Ada");

        var response = await app.Client.GetAsync(
            $"/own/readers/Ada?wait=00:00:00.1&after={lent.Header(MillraceHeaders.Token)}");

        Assert.Equal((404, "not-found"), await response.Problem());
        Assert.StartsWith("stale; by=", response.Header(MillraceHeaders.Fresh), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_dead_letters_delay_is_not_found_yet()
    {
        await using var app = await Start();

        var response = await app.Client.GetAsync("/own/held");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(
            "Not found. 2 events for this key are still in the dead-letter queue.",
            (await response.Json()).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Cursors_lead_from_page_to_page_until_the_last()
    {
        await using var app = await Start();
        var readers = Enumerable.Range(0, 7).Select(number => $"reader {number}").ToList();
        HttpResponseMessage? lent = null;
        foreach (var reader in readers)
            lent = await Lend(app, reader);

        var (seen, pages, cursor) = (new List<string>(), 0, "");
        do
        {
            var response = await app.Client.GetAsync(
                $"/own/readers?after={lent!.Header(MillraceHeaders.Token)}"
                    + (cursor.Length == 0 ? "" : "&cursor=" + cursor)
            );
            Assert.Equal("fresh", response.Header(MillraceHeaders.Fresh));
            seen.AddRange(
                (await response.Json()).EnumerateArray().Select(loans => loans.GetProperty("reader").GetString()!));
            cursor = response.Header(MillraceHeaders.Next);
            pages++;
        }
        while (cursor is not null);

        Assert.Equal(readers, seen);
        Assert.Equal(3, pages);
    }

    [Fact]
    public async Task A_page_without_documents_is_an_empty_list()
    {
        await using var app = await Start();

        var response = await app.Client.GetAsync("/own/readers");

        Assert.Equal("[]", await response.Content.ReadAsStringAsync());
        Assert.Null(response.Header(MillraceHeaders.Next));
    }

    [Theory]
    [InlineData("/own/readers?cursor=nonsense", "invalid-value")]
    [InlineData("/own/readers?cursor=%00%ff", "invalid-value")]
    [InlineData("/own/readers?after=nonsense", "bad-request")]
    [InlineData("/own/readers/Ada?after=a&after=b", "bad-request")]
    public async Task An_invalid_cursor_or_token_is_a_bad_request(string path, string error)
    {
        await using var app = await Start();

        var response = await app.Client.GetAsync(path);

        Assert.Equal((400, error), await response.Problem());
    }

    private static Task<LibraryApp> Start() =>
        LibraryApp.Start(
            builder =>
                builder.Services.Configure<ConsumerOptions>(options =>
                    options.LookEvery = TimeSpan.FromMilliseconds(10)),
            app =>
            {
                app.MapGet(
                    "/own/held",
                    () =>
                        ValueTask
                            .FromResult(new ReadResult<ReaderLoans>(null, Freshness.Fresh with { BlockedEvents = 2 }))
                            .ToResult());
                app.MapGet(
                    "/own/readers/{reader}",
                    (
                        string reader,
                        RequestToken after,
                        IReadModel<string, ReaderLoans> loans,
                        CancellationToken cancellationToken) => loans.Get(reader, after, cancellationToken).ToResult());
                app.MapGet(
                    "/own/readers",
                    (
                        string? cursor,
                        RequestToken after,
                        IReadModel<string, ReaderLoans> loans,
                        CancellationToken cancellationToken
                    ) => loans.Query(new ReadQuery { Cursor = cursor, Limit = 3 }, after, cancellationToken).ToResult()
                );
            }
        );

    private static async Task<HttpResponseMessage> Lend(LibraryApp app, string reader)
    {
        var book = await app.Add();
        var lent = await app.Client.PostAsJsonAsync($"/books/{book}/loans", new { reader });
        Assert.Equal(HttpStatusCode.OK, lent.StatusCode);
        return lent;
    }
}

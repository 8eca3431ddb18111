using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>
/// Tests that operators can list dead letters over HTTP, and can decide about them with the permission.
/// </summary>
public sealed class DeadLetterEndpointTests
{
    private const string Root = "/millrace/dead-letters";

    [Fact]
    public async Task Dead_letters_are_refused_to_callers_outside_the_policy()
    {
        await using var app = await Start();

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Client.GetAsync(Root)).StatusCode);
        app.Client.DefaultRequestHeaders.Add("X-User", "reader");
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync(Root)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/health")).StatusCode);
    }

    [Fact]
    public async Task An_operator_can_read_groups_letters_and_a_letter_with_its_event()
    {
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.Add("X-User", "ada");
        await Fail(app, 3);

        var groups = await Get(app, "/groups");
        var list = await Get(app, "?consumer=clerk&state=parked&limit=2");
        var letter = await Get(app, $"/{list[0].GetProperty("id")}");

        Assert.Equal(3, groups[0].GetProperty("letters").GetInt32());
        Assert.Equal(2, list.GetArrayLength());
        Assert.Equal("No 1.", letter.GetProperty("message").GetString());
        Assert.Equal(1, letter.GetProperty("payload").GetProperty("number").GetInt32());
        Assert.False(letter.TryGetProperty("editedPayload", out _), "The dead letter has no edit.");
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "/4711")).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(Root + "?state=odd")).Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.GetAsync(Root + "?limit=0")).Problem());
    }

    [Fact]
    public async Task A_payload_with_invalid_JSON_does_not_break_the_response()
    {
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.Add("X-User", "ada");
        byte[] broken = [.. "{\"number\":1,\"note\":\""u8, 0xff, .. "\"}"u8];
        await app.Store.Append(
            new StreamId("number-1"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("number.drawn", broken)]);
        await WaitUntilParked(app, 1);

        var letter = await Get(app, $"/{(await Get(app, ""))[0].GetProperty("id")}");

        Assert.Equal(broken, letter.GetProperty("payload").GetBytesFromBase64());
    }

    [Fact]
    public async Task A_user_with_read_permission_can_simulate_but_not_decide()
    {
        await using var app = await Start(allowDecisions: false);
        app.Client.DefaultRequestHeaders.Add("X-User", "ada");
        await Fail(app, 1);
        var id = (await Get(app, ""))[0].GetProperty("id").GetInt64();

        var simulated = await app.Client.PostAsJsonAsync(Root + "/simulate", new { });

        Assert.Equal(
            HttpStatusCode.NotFound, (await app.Client.PostAsJsonAsync($"{Root}/{id}/retry", new { })).StatusCode);
        Assert.Equal(1, (await simulated.Json()).GetProperty("fails").GetInt32());
    }

    [Fact]
    public async Task A_decision_records_the_operator_and_the_reason()
    {
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.Add("X-User", "ada");
        await Fail(app, 4);
        var ids = (await Get(app, "")).EnumerateArray().Select(letter => letter.GetProperty("id").GetInt64()).ToArray();

        var skipped = await app.Client.PostAsJsonAsync($"{Root}/{ids[0]}/skip", new { reason = "a test" });
        var unexplained = await app.Client.PostAsJsonAsync($"{Root}/{ids[1]}/skip", new { });
        var edited = await app.Client.PostAsJsonAsync(
            $"{Root}/{ids[1]}/edit", new { reason = "a slip", payload = new { number = 0 } });
        var replayed = await app.Client.PostAsJsonAsync(
            Root + "/replay?consumer=clerk",
            new
            {
                patch = new { number = 0 },
                reason = "the rest",
                stopAtErrorShare = 0.1,
            }
        );
        var odd = await app.Client.PostAsJsonAsync($"{Root}/{ids[0]}/marry", new { reason = "?" });
        var all = await app.Client.PostAsJsonAsync(Root + "/replay", new { reason = "?" });

        Assert.Equal("ada", (await skipped.Json()).GetProperty("by").GetString());
        Assert.Equal((400, "malformed-request"), await unexplained.Problem());
        Assert.Equal("released", (await edited.Json()).GetProperty("state").GetString());
        Assert.Equal(2, (await replayed.Json()).GetProperty("passed").GetInt32());
        Assert.Equal((409, "dead-letter-refused"), await odd.Problem());
        Assert.Equal((400, "malformed-request"), await all.Problem());
        Assert.Equal((400, "malformed-request"), await (await app.Client.PostAsync(
            $"{Root}/{ids[0]}/skip", new StringContent("{", null, "application/json"))).Problem());
    }

    [Fact]
    public async Task The_query_limits_the_number_of_decisions()
    {
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.Add("X-User", "ada");
        await Fail(app, 4);
        var ids = (await Get(app, "")).EnumerateArray().Select(letter => letter.GetProperty("id").GetInt64()).ToArray();

        var some = await app.Client.PostAsJsonAsync(
            $"{Root}/replay?consumer=clerk&after={ids[0]}&limit=2",
            new
            {
                decision = "skip",
                reason = "tests",
                stopAtErrorShare = 1,
            }
        );
        var remaining = await Get(app, "?state=parked");

        Assert.Equal(2, (await some.Json()).GetProperty("released").GetInt32());
        Assert.Equal(
            [ids[0], ids[3]], remaining.EnumerateArray().Select(letter => letter.GetProperty("id").GetInt64()));
    }

    [Fact]
    public async Task Many_letters_are_simulated_and_decided_in_pages_without_a_gap()
    {
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.Add("X-User", "ada");
        await Fail(app, 5);
        var ids = (await Get(app, "")).EnumerateArray().Select(letter => letter.GetProperty("id").GetInt64()).ToArray();

        var simulatedPages = await Pages(
            app, "simulate", new { }, page => page.GetProperty("letters").GetArrayLength());
        var completePage = await (
            await app.Client.PostAsJsonAsync(Root + "/simulate?consumer=clerk&limit=5", new { })).Json();
        var correctedPages = await Pages(
            app,
            "replay",
            new { patch = new { number = 0 }, reason = "all", stopAtErrorShare = 1 },
            page => page.GetProperty("passed").GetInt32());

        Assert.Equal([(2, ids[1]), (2, ids[3]), (1, null)], simulatedPages);
        Assert.False(completePage.TryGetProperty("next", out _), "There is no further page.");
        Assert.Equal([(2, ids[1]), (2, ids[3]), (1, null)], correctedPages);
    }

    [Fact]
    public async Task A_simulated_edit_uses_the_stored_form_with_all_digits()
    {
        const string Payload = """{"number":0,"large":9007199254740993,"price":1.10,"far":1E400,"none":null}""";
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.Add("X-User", "ada");
        await Fail(app, 1);
        var path = $"{Root}/{(await Get(app, ""))[0].GetProperty("id")}";

        var (unchanged, patched) = (await Try(app, path, "{}"), await Try(app, path, """{"patch":{"number":0}}"""));
        var (passing, failing) = (await Try(app, path, $$"""{"payload":{{Payload}}}"""), await Try(app, path, """{"payload":{}}"""));
        var edited = await app.Client.PostAsync(path + "/edit", Json($$"""{"payload":{{Payload}},"reason":"a slip"}"""));

        Assert.Equal(
            ("fails", "No 1."),
            (unchanged.GetProperty("outcome").GetString(), unchanged.GetProperty("error").GetString()));
        Assert.Equal(
            ("passes", "passes"),
            (patched.GetProperty("outcome").GetString(), passing.GetProperty("outcome").GetString()));
        // A patch would have kept the other members.
        Assert.Contains("not present", failing.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, edited.StatusCode);
        var stored = await Eventually.Get(
            async () => await (await app.Client.GetAsync(path)).Json(),
            letter => letter.GetProperty("state").GetString() == "corrected");
        Assert.Equal(Payload, stored.GetProperty("editedPayload").GetRawText());
    }

    [Fact]
    public async Task An_invalid_simulation_is_refused()
    {
        await using var app = await Start(allowDecisions: false);
        app.Client.DefaultRequestHeaders.Add("X-User", "ada");
        await Fail(app, 1);
        var path = $"{Root}/{(await Get(app, ""))[0].GetProperty("id")}/simulate";

        Assert.Equal(
            (404, "not-found"), await (await app.Client.PostAsync(Root + "/4711/simulate", Json("{}"))).Problem());
        string[] bodies =
            ["""{"payload":{},"patch":{}}""", """{"payload":null}""", """{"patch":[]}""", """{"patch":{},"decision":"skip"}"""];
        foreach (var body in bodies)
            Assert.Equal((400, "malformed-request"), await (await app.Client.PostAsync(path, Json(body))).Problem());
    }

    [Fact]
    public async Task The_wait_for_outcomes_is_limited()
    {
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.Add("X-User", "ada");
        await Fail(app, 1);
        await app.Pause("clerk");

        var replayed = await app.Client.PostAsJsonAsync(
            Root + "/replay?consumer=clerk", new { decision = "retry", stopAtErrorShare = 1, outcomeSeconds = 1 });
        var odd = await app.Client.PostAsJsonAsync(Root + "/replay?consumer=clerk", new { outcomeSeconds = 1e300 });

        Assert.Equal((503, "no-outcome"), await replayed.Problem());
        Assert.Equal((400, "malformed-request"), await odd.Problem());
    }

    [Fact]
    public async Task An_application_without_an_operator_policy_does_not_start() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            LibraryApp.Start(map: app => app.MapMillrace(_ => { })));

    /// <summary>Returns the number of letters of each page with the start of the next page.</summary>
    private static async Task<List<(int Count, long? Next)>> Pages(
        LibraryApp app, string action, object body, Func<JsonElement, int> count)
    {
        var pages = new List<(int Count, long? Next)>();
        for (long? after = 0; after is not null; after = pages[^1].Next)
        {
            var answer = await app.Client.PostAsJsonAsync(
                $"{Root}/{action}?consumer=clerk&limit=2&after={after}", body);
            var page = await answer.Json();
            pages.Add((count(page), page.TryGetProperty("next", out var next) ? next.GetInt64() : null));
        }
        return pages;
    }

    private static async Task<JsonElement> Try(LibraryApp app, string letter, string body)
    {
        var answer = await app.Client.PostAsync(letter + "/simulate", Json(body));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Json();
    }

    private static StringContent Json(string body) => new(body, null, "application/json");

    private static async Task Fail(LibraryApp app, int count)
    {
        for (var i = 1; i <= count; i++)
        {
            await app.Store.Append(
                new StreamId($"number-{i}"),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("number.drawn", JsonSerializer.SerializeToUtf8Bytes(new { number = i }))]);
        }
        await WaitUntilParked(app, count);
    }

    private static Task<JsonElement> WaitUntilParked(LibraryApp app, int count) =>
        Eventually.Get(() => Get(app, "?state=parked"), letters => letters.GetArrayLength() >= count);

    private static async Task<JsonElement> Get(LibraryApp app, string path)
    {
        var response = await app.Client.GetAsync(Root + path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Json();
    }

    private static Task<LibraryApp> Start(bool allowDecisions = true) => OperatorsApp.Start(
        allowDecisions,
        millrace => millrace
            .AddConsumer(_ => ConsumerDefinition.Each("clerk", EventFilter.InStreams("number-"), Draw).SafeToSimulate())
            .OnFailure("clerk", policy => policy.Permanent<NotSupportedException>()),
        user: null);

    private static ValueTask Draw(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var number = JsonElement.Parse(recorded.Payload.Span).GetProperty("number").GetInt32();
        return number == 0 ? ValueTask.CompletedTask : throw new NotSupportedException($"No {number}.");
    }
}

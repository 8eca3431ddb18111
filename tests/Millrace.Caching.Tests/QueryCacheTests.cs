using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.Caching.Tests;

/// <summary>Tests of cached queries on one node with a SQLite file.</summary>
public sealed class QueryCacheTests : IDisposable
{
    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task The_second_answer_comes_from_the_cache_and_states_its_position()
    {
        await using var node = await Node.Start(_file.Open());
        var moved = await node.Move("1", "hall");

        var first = await node.Ask(new GetParcel("1"), moved);
        var second = await node.Ask(new GetParcel("1"), moved);

        Assert.Equal((AnswerSource.Handler, AnswerSource.ProcessCache), (first.Source, second.Source));
        Assert.Equal("hall", second.Value?.Place);
        Assert.True(second.Freshness.IsFresh);
        Assert.Equal(moved, second.Reflects);
    }

    [Fact]
    public async Task A_missing_document_is_cached_until_an_event_creates_it()
    {
        await using var node = await Node.Start(_file.Open());
        await node.Move("2", "hall");
        await node.AskUntilCached(new GetParcel("1"));

        var moved = await node.Move("1", "ship");

        Assert.Equal("ship", (await node.Ask(new GetParcel("1"), moved)).Value?.Place);
    }

    [Fact]
    public async Task A_token_that_the_answer_does_not_reflect_is_never_answered_from_the_cache()
    {
        // No event invalidates the answer, so only the position of the token decides.
        await using var node = await Node.Start(_file.Open(), cache: cache => cache.Cache<GetParcel>());
        await node.Ask(new GetParcel("1"), await node.Move("1", "hall"));

        var moved = await node.Move("1", "ship");
        var old = await node.Ask(new GetParcel("1"));
        var answer = await node.Ask(new GetParcel("1"), moved);
        var later = await node.Ask(new GetParcel("1"));

        Assert.Equal(("hall", AnswerSource.ProcessCache), (old.Value?.Place, old.Source));
        Assert.Equal(1, old.Freshness.LagEvents);
        Assert.Equal(("ship", AnswerSource.Handler), (answer.Value?.Place, answer.Source));
        Assert.Equal(("ship", AnswerSource.ProcessCache), (later.Value?.Place, later.Source));
    }

    [Fact]
    public async Task An_event_invalidates_answers_with_its_tags_and_no_others()
    {
        await using var node = await Node.Start(_file.Open());
        await node.Move("1", "hall");
        await node.Ask(new GetParcel("2"), await node.Move("2", "hall"));
        await node.AskUntilCached(new GetParcel("1"));
        await node.AskUntilCached(new CountParcels("hall"));

        await node.Move("1", "ship");

        await Eventually.Get(() => node.Ask(new GetParcel("1")), answer => answer.Value?.Place == "ship");
        await Eventually.Get(() => node.Ask(new CountParcels("hall")), answer => answer.Value.Parcels == 1);
        Assert.Equal(AnswerSource.ProcessCache, (await node.Ask(new GetParcel("2"))).Source);
    }

    [Fact]
    public async Task A_pattern_invalidates_all_tags_with_its_start()
    {
        await using var node = await Node.Start(_file.Open());
        await node.Ask(new GetParcel("1"), await node.Move("1", "hall"));
        await node.AskUntilCached(new GetRecipient("1"));

        await node.Append("warehouse", new WarehouseClosed("strike"));

        await Eventually.Get(() => node.Ask(new GetParcel("1")), answer => answer.Source == AnswerSource.Handler);
        Assert.Equal(AnswerSource.ProcessCache, (await node.Ask(new GetRecipient("1"))).Source);
    }

    [Fact]
    public async Task An_answer_that_was_computed_before_an_invalidation_is_not_used_after_it()
    {
        await using var node = await Node.Start(_file.Open());
        var first = await node.Move("1", "hall");
        var reading = new TaskCompletionSource();
        var resume = new TaskCompletionSource();
        await node.Ask(new CountParcels("hall"), first); // The read model has reached the first move.
        node.Calls.BeforeAnswer = () =>
        {
            reading.TrySetResult();
            return resume.Task;
        };

        var slow = node.Ask(new GetParcel("1"));
        await reading.Task.WaitAsync(Node.WaitTimeout);
        node.Calls.BeforeAnswer = static () => Task.CompletedTask;
        await node.Move("1", "ship");
        await Eventually.Get(() => node.Ask(new CountParcels("ship")), answer => answer.Value.Parcels == 1);
        resume.SetResult(); // The old answer is stored now.
        var old = await slow.WaitAsync(Node.WaitTimeout);
        var answer = await node.Ask(new GetParcel("1"));

        Assert.Equal("hall", old.Value?.Place);
        Assert.Equal(("ship", AnswerSource.Handler), (answer.Value?.Place, answer.Source));
    }

    [Fact]
    public async Task Callers_that_miss_the_same_answer_share_one_call_of_the_handler()
    {
        await using var node = await Node.Start(_file.Open());
        await node.Ask(new CountParcels("hall"), await node.Move("1", "hall"));
        var resume = new TaskCompletionSource();
        node.Calls.BeforeAnswer = () => resume.Task;

        var asked = Enumerable.Range(0, 50).Select(_ => node.Ask(new GetParcel("1"))).ToArray();
        resume.SetResult();
        var answers = await Task.WhenAll(asked).WaitAsync(Node.WaitTimeout);

        Assert.All(answers, answer => Assert.Equal("hall", answer.Value?.Place));
        Assert.Equal(1, node.Calls.Of(new GetParcel("1")));
    }

    [Fact]
    public async Task A_failed_handler_fails_only_its_own_caller()
    {
        await using var node = await Node.Start(_file.Open());
        await node.Ask(new CountParcels("hall"), await node.Move("1", "hall"));
        var resume = new TaskCompletionSource();
        node.Calls.BeforeAnswer = () => resume.Task;
        var failing = node.Ask(new GetParcel("1"));
        node.Calls.BeforeAnswer = static () => Task.CompletedTask;
        var waiting = node.Ask(new GetParcel("1"));

        resume.SetException(new InvalidOperationException("The handler failed."));

        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Assert.Equal("hall", (await waiting.WaitAsync(Node.WaitTimeout)).Value?.Place);
    }

    [Fact]
    public async Task A_query_with_a_token_calls_the_handler_once_while_the_read_model_is_behind()
    {
        await using var node = await Node.Start(_file.Open());
        await node.Ask(new GetParcel("1"), await node.Move("1", "hall"));
        var consumers = node.Services.GetRequiredService<Consumers>();
        await consumers.Pause("parcels@1");
        var moved = await node.Move("1", "ship");
        var calls = node.Calls.Of(new GetParcel("1"));

        var asked = node.Ask(new GetParcel("1"), moved);
        await consumers.Resume("parcels@1");
        var answer = await asked.WaitAsync(Node.WaitTimeout);

        Assert.Equal(("ship", AnswerSource.Handler), (answer.Value?.Place, answer.Source));
        Assert.Equal(1, node.Calls.Of(new GetParcel("1")) - calls);
    }

    [Fact]
    public async Task An_answer_with_an_unknown_position_is_not_cached()
    {
        await using var node = await Node.Start(_file.Open(), cache: cache => cache.Cache<GetPlace>());
        await node.Ask(new GetParcel("1"), await node.Move("1", "hall"));

        await node.Ask(new GetPlace("1"));
        var second = await node.Ask(new GetPlace("1"));

        Assert.Equal((AnswerSource.Handler, 2), (second.Source, node.Calls.Of(new GetPlace("1"))));
    }

    [Fact]
    public async Task A_tag_that_is_null_is_reported_with_its_query()
    {
        await using var node = await Node.Start(
            _file.Open(), cache: cache => cache.Cache<GetParcel>(query => query.Tag(_ => null!)));
        await node.Move("1", "hall");

        var failed = await Eventually.Get(
            () => Record.ExceptionAsync(() => node.Ask(new GetParcel("1"))), exception => exception is not null);

        Assert.Contains("'get-parcel'", failed!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_answer_is_computed_again()
    {
        await using var node = await Node.Start(
            _file.Open(),
            cache: cache => cache.Cache<GetParcel>(query => query.For(TimeSpan.FromMilliseconds(100))));
        var moved = await node.Move("1", "hall");
        await node.Ask(new GetParcel("1"), moved);

        await Eventually.Get(() => node.Ask(new GetParcel("1")), answer => answer.Source == AnswerSource.Handler);
    }
}

using Millrace.Erasing;
using Millrace.Retention;
using Millrace.Storage;

namespace Millrace.Tests.Retention;

/// <summary>Tests which streams the policies of categories remove, and what a run reports.</summary>
public sealed class RetentionTests
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(31);
    private static readonly TimeSpan New = TimeSpan.FromDays(1);

    [Theory]
    [StoreKinds]
    public async Task Streams_whose_last_event_has_expired_are_removed(StoreKind kind)
    {
        await using var sample = await RetentionSample.Create(kind);
        await sample.Append("cart-1", "cart.opened", Old + New);
        await sample.Append("cart-1", "cart.filled", Old);
        await sample.Append("cart-2", "cart.opened", Old);
        await sample.Append("cart2-1", "other.opened", Old);
        await sample.Append("order-1", "order.placed", Old);
        await sample.Append("cart-2", "cart.filled", New);
        var retention = sample.Create(options => options.Category("cart").DeleteAfter());

        var run = await retention.Run("ann", "run-1");

        var result = Assert.Single(run.Results);
        Assert.Equal("category cart: delete after 30 days", result.Policy);
        Assert.Equal((1, 2, 14), (result.Streams, result.Events, result.Bytes));
        Assert.Empty(result.Kept);
        Assert.NotNull(run.EndedAt);
        Assert.Equal(("run-1", "ann", sample.Now), (run.Id, run.By, run.StartedAt));
        Assert.Equal(
            ["cart.opened", "other.opened", "order.placed", "cart.filled", "retention.stream-removed"],
            await sample.LogTypes());
        Assert.Empty(await sample.Versions("cart-1"));
        Assert.Equal([1, 2], await sample.Versions("cart-2"));
        var removals = await sample.Store.ListRemovals(new StreamId("cart-1"));
        Assert.Equal([RemovalKind.Truncate, RemovalKind.Delete], removals.Select(removal => removal.Kind));
        Assert.Equal((1, 2, 2), (removals[0].FromVersion, removals[0].ToVersion, removals[0].Events));
        Assert.Equal(("ann", "retention run run-1: category cart: delete after 30 days"),
            (removals[0].User, removals[0].Reason));
        Assert.True((await sample.Store.Verify()).IsSound);
    }

    [Theory]
    [StoreKinds]
    public async Task A_removed_stream_can_be_started_again_and_expires_again(StoreKind kind)
    {
        await using var sample = await RetentionSample.Create(kind);
        await sample.Append("cart-1", "cart.opened", Old);
        var retention = sample.Create(options => options.Category("cart").DeleteAfter());
        await retention.Run("ann", "run-1");

        await sample.Store.Append(
            new StreamId("cart-1"), ExpectedVersion.NoStream, [NewEvent.FromBytes("cart.reopened", "{}"u8.ToArray())]);

        Assert.Equal([3], await sample.Versions("cart-1"));
        Assert.Equal(0, (await retention.Run("ann", "run-2")).Events);
        Assert.Equal([3], await sample.Versions("cart-1"));
        await sample.Store.Delete(new StreamId("cart-1"), ExpectedVersion.Any, "retention run run-1: by hand");
        sample.Clock.Advance(Old);
        Assert.Equal(1, (await retention.Run("ann", "run-3")).Events);
        Assert.True((await sample.Store.Verify()).IsSound);
    }

    [Theory]
    [StoreKinds]
    public async Task Streams_that_earlier_runs_removed_are_not_read_again(StoreKind kind)
    {
        var reads = 0;
        await using var sample = await RetentionSample.Create(kind, inner => new Testing.FaultInjectingStorage(inner)
        {
            BeforeRead = () =>
            {
                reads++;
                return ValueTask.CompletedTask;
            },
        });
        for (var i = 0; i < 100; i++)
            await sample.Append($"cart-{i}", "cart.opened", Old);
        var retention = sample.Create(options => options.Category("cart").DeleteAfter());
        await retention.Run("ann", "run-1");
        reads = 0;

        var plan = await retention.Plan();

        Assert.Equal(0, plan.Streams);
        Assert.InRange(reads, 1, 50);
    }

    [Theory]
    [StoreKinds]
    public async Task A_clock_that_is_ahead_of_the_database_removes_nothing_early(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var now = DateTimeOffset.UtcNow;
        var clock = new Testing.ManualTimeProvider(now.AddDays(2));
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty, time: clock);
        var declaration = new RetentionDeclaration { Rules = [], Readers = [], Aggregates = [] };
        await new RetentionLog(new ErasureScope(store, "", "")).Declare(declaration, default);

        var refused = await Record.ExceptionAsync(
            () => RetentionService.Of(store).DeleteBefore("cart", now.AddDays(1), "ann"));

        if (kind == StoreKind.PostgreSql)
            Assert.Contains("is in the future", ((RetentionRefusedException)refused).Message, StringComparison.Ordinal);
        else
            Assert.Null(refused); // These storages use the clock of the caller.
    }

    [Theory]
    [StoreKinds]
    public async Task A_plan_reports_what_a_run_would_remove_and_changes_nothing(StoreKind kind)
    {
        await using var sample = await RetentionSample.Create(kind);
        await sample.Append("cart-1", "cart.opened", Old);
        await sample.Append("cart-2", "cart.opened", New);
        var head = (await sample.Store.GetToken()).ToString();
        var retention = sample.Create(options => options.Category("cart").DeleteAfter());

        var plan = await retention.Plan();

        Assert.Equal((1, 1), (plan.Streams, plan.Events));
        Assert.Null(plan.EndedAt);
        Assert.Equal(head, (await sample.Store.GetToken()).ToString());
        Assert.Equal([1], await sample.Versions("cart-1"));
        Assert.Empty(await retention.List());
    }

    [Theory]
    [InlineData("2025-12-02T00:00:00.0000000Z", true)]
    [InlineData("2025-12-02T00:00:00.0000010Z", false)]
    public async Task A_stream_expires_exactly_at_the_end_of_its_period(string time, bool isRemoved)
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        var at = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
        await sample.Append("cart-1", "cart.opened", sample.Now - at);
        var retention = sample.Create(options => options.Category("cart").DeleteAfter());

        var run = await retention.Run("ann");

        Assert.Equal(isRemoved ? 1 : 0, run.Streams);
    }

    [Fact]
    public async Task The_most_specific_policy_applies()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Memory);
        await sample.Append("cart-1", "cart.opened", Old);
        await sample.Append("order-1", "order.placed", Old);
        await sample.Append("visit-1", "visit.made", Old);
        var retention = sample.Create(options =>
        {
            options.AllStreams().DeleteAfter();
            options.Category("cart").DeleteAfter(RetentionPeriod.Days(60));
            options.Category("order").KeepForever();
        });

        var run = await retention.Run("ann");

        Assert.Equal(1, run.Streams);
        Assert.Empty(await sample.Versions("visit-1"));
        Assert.Equal([1], await sample.Versions("cart-1"));
        Assert.Equal([1], await sample.Versions("order-1"));
    }

    [Fact]
    public async Task Streams_of_Millrace_and_closed_streams_are_never_removed()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await sample.Append("$custom-1", "custom.noted", Old);
        await sample.Append("received.shop:1", "messages.held", Old);
        await sample.Append("cart-9", "cart.opened", Old);
        await sample.Store.Tombstone(new StreamId("cart-9"), ExpectedVersion.Any, "closed");
        var retention = sample.Create(options => options.AllStreams().DeleteAfter());

        Assert.Equal(0, (await retention.Run("ann", "run-1")).Events);
        sample.Clock.Advance(TimeSpan.FromDays(100));
        Assert.Equal(0, (await retention.Run("ann", "run-2")).Events);

        Assert.NotNull(await retention.Find("run-1"));
        Assert.Equal([1], await sample.Versions("$custom-1"));
    }

    [Theory]
    [StoreKinds]
    public async Task Events_of_a_stream_that_was_deleted_are_removed_from_the_log(StoreKind kind)
    {
        await using var sample = await RetentionSample.Create(kind);
        await sample.Append("cart-1", "cart.opened", Old);
        await sample.Append("cart-1", "cart.filled", Old);
        await sample.Append("cart-2", "cart.opened", Old);
        await sample.Store.Delete(new StreamId("cart-1"), ExpectedVersion.Any, "hidden");
        await sample.Store.Delete(new StreamId("cart-2"), ExpectedVersion.Any, "hidden");
        await sample.Append("cart-2", "cart.reopened", Old);
        var retention = sample.Create(options => options.Category("cart").DeleteAfter());

        var run = await retention.Run("ann", "run-1");

        Assert.Equal((2, 4), (run.Streams, run.Events));
        Assert.Equal(["retention.stream-removed", "retention.stream-removed"], await sample.LogTypes());
        Assert.Equal(0, (await retention.Run("ann", "run-2")).Events);
        Assert.True((await sample.Store.Verify()).IsSound);
    }

    [Theory]
    [StoreKinds]
    public async Task Snapshots_and_resolved_dead_letters_are_removed_with_the_stream(StoreKind kind)
    {
        await using var sample = await RetentionSample.Create(kind);
        await sample.Append("cart-1", "cart.opened", Old);
        await sample.Append("cart-2", "cart.opened", Old);
        await sample.GivenDocument("snapshots", "cart-1", """{"version":1}""");
        await sample.GivenDocument("snapshots", "cart-3", """{"version":1}""");
        await GivenDeadLetter(sample, "cart-1", 1, DeadLetterState.Discarded);
        await GivenDeadLetter(sample, "cart-2", 2, DeadLetterState.Parked);
        var retention = sample.Create(options => options.Category("cart").DeleteAfter());

        var run = await retention.Run("ann");

        var kept = Assert.Single(Assert.Single(run.Results).Kept);
        Assert.Equal(("open dead letter of mailer", 1L), (kept.Reason, kept.Count));
        Assert.Equal(["cart-2"], kept.Examples);
        Assert.Equal(1, run.Streams);
        Assert.Null(await sample.Store.Storage.Documents.Get("snapshots", "cart-1", default));
        Assert.NotNull(await sample.Store.Storage.Documents.Get("snapshots", "cart-3", default));
        var letters = await sample.Store.Storage.DeadLetters.List(new DeadLetterQuery(), default);
        Assert.Equal(["cart-2"], letters.Select(letter => letter.Stream.Value));
    }

    [Fact]
    public async Task Events_that_a_consumer_has_not_read_are_kept()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await sample.Append("cart-1", "cart.opened", Old);
        await sample.Append("cart-2", "cart.opened", Old);
        var lease = await sample.Store.Storage.Leases.Acquire(
            "mailer", 0, "node", TimeSpan.FromMinutes(1), sample.Now, default);
        await sample.Store.Commit(
            new CommitRequest { Checkpoint = new CheckpointMove("mailer", 0, lease.LeaseEpoch, null, 1) },
            isBackground: false,
            default);
        var retention = sample.Create(options => options.Category("cart").DeleteAfter());

        var run = await retention.Run("ann");

        Assert.Equal(1, run.Streams);
        var kept = Assert.Single(Assert.Single(run.Results).Kept);
        Assert.Equal("not read by consumer mailer yet", kept.Reason);
        Assert.Equal([1], await sample.Versions("cart-2"));
    }

    [Fact]
    public async Task Events_of_a_read_model_are_kept_unless_the_policy_names_it()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Memory);
        sample.Readers =
        [
            new("carts", ["cart.opened"], null),
            new("orders", ["order.placed"], null),
            new("live", ["cart.opened"], "x"),
        ];
        await sample.Append("cart-1", "cart.opened", Old);

        var refused = await sample.Create(options => options.Category("cart").DeleteAfter()).Run("ann", "run-1");
        var plan = await sample.Create(options => options.Category("cart").DeleteAfter().EvenIfReadBy("carts")).Plan();
        var allowed = await sample.Create(options => options.Category("cart").DeleteAfter().EvenIfReadBy("carts"))
            .Run("ann", "run-2");

        Assert.Equal(0, refused.Events);
        Assert.Equal(
            "read by carts; allow it with EvenIfReadBy", Assert.Single(Assert.Single(refused.Results).Kept).Reason);
        Assert.Equal(["carts"], Assert.Single(plan.Results).ReadModels);
        Assert.Equal(["carts"], Assert.Single(allowed.Results).ReadModels);
        Assert.Equal(1, allowed.Events);
    }

    [Fact]
    public async Task A_tool_uses_the_read_models_of_an_application_without_policies_and_refuses_without_a_record()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        sample.Readers = [new("carts", ["cart.opened"], null)];
        await sample.Append("cart-1", "cart.opened", Old);
        var tool = RetentionService.Of(sample.Store);

        await Assert.ThrowsAsync<RetentionRefusedException>(() => tool.Run("ann", "run-1"));
        await Assert.ThrowsAsync<RetentionRefusedException>(() => tool.Plan());
        await Assert.ThrowsAsync<RetentionRefusedException>(() => tool.DeleteBefore("cart", sample.Now, "ann"));
        await sample.Create(_ => { }).Run("ann", "run-2");
        var events = await tool.DeleteBefore("cart", sample.Now, "ann");

        Assert.Equal(0, events);
        Assert.Equal([1], await sample.Versions("cart-1"));
        Assert.Equal(
            "read by carts; allow it with EvenIfReadBy or --even-if-read-by",
            Assert.Single(Assert.Single((await tool.List())[0].Results).Kept).Reason);
    }

    [Fact]
    public async Task DeleteBefore_returns_the_number_of_events()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await sample.Append("cart-1", "cart.opened", Old);
        await sample.Append("cart-1", "cart.filled", Old);
        await sample.Append("cart-2", "cart.opened", New);
        await sample.Append("order-1", "order.placed", New);
        var retention = sample.Create(options => options.Category("order").KeepForever());

        var plan = await retention.PlanBefore("cart", sample.Now - New);
        var count = await retention.DeleteBefore("cart", sample.Now - New, "ann");

        Assert.Equal((2, 2), (plan.Events, count));
        Assert.Equal([1], await sample.Versions("cart-2"));
        Assert.Equal(
            "category cart: delete before 2025-12-31 00:00:00",
            Assert.Single(Assert.Single(await retention.List()).Results).Policy);
        await Assert.ThrowsAsync<RetentionRefusedException>(
            () => retention.DeleteBefore("order", sample.Now, "ann"));
        await Assert.ThrowsAsync<RetentionRefusedException>(
            () => retention.DeleteBefore("cart", sample.Now.AddTicks(10), "ann"));
        await Assert.ThrowsAsync<RetentionRefusedException>(
            () => retention.DeleteBefore("$audit", sample.Now, "ann"));
    }

    [Fact]
    public async Task Policies_of_a_tenant_replace_those_of_all_tenants()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await sample.Append("acme/cart-1", "cart.opened", Old);
        await sample.Append("beta/cart-1", "cart.opened", Old);
        await sample.Append("acme/$notes", "cart.opened", Old);
        static void Policies(RetentionOptions options)
        {
            options.AllStreams().DeleteAfter();
            options.Tenant("beta").AllStreams().KeepForever();
        }

        var acme = await sample.Create(Policies, tenant: "acme").Run("ann");
        var beta = await sample.Create(Policies, tenant: "beta").Run("ann");

        Assert.Equal((1, 0), (acme.Streams, beta.Streams));
        Assert.Empty(beta.Results);
        Assert.Empty(await sample.Versions("acme/cart-1"));
        Assert.Equal([1], await sample.Versions("beta/cart-1"));
        Assert.Equal([1], await sample.Versions("acme/$notes"));
    }

    [Fact]
    public async Task An_application_cannot_append_to_the_streams_of_retention()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Memory);

        await Assert.ThrowsAsync<InvalidNameException>(() => sample.Append("$retention-x", "x.y", Old));
        await Assert.ThrowsAsync<InvalidNameException>(() => sample.Append("$retention", "x.y", Old));
        await Assert.ThrowsAsync<InvalidNameException>(() => sample.Append("cart-1", "retention.removed", Old));
        await sample.Append("$retentions", "x.y", Old);
    }

    private static Task<CommitOutcome> GivenDeadLetter(
        RetentionSample sample, string stream, long position, DeadLetterState state)
    {
        var letter = new DeadLetter
        {
            Consumer = "mailer",
            Position = position,
            Key = "k",
            Stream = new StreamId(stream),
            Version = 1,
            EventType = "cart.opened",
            EventId = Guid.CreateVersion7(),
            State = state,
            Message = "failed",
        };
        return sample.Store.Commit(
            new CommitRequest { DeadLetters = [new DeadLetterChange(letter)] }, false, default);
    }
}

using Millrace.Events;

namespace Millrace.Tests.Retention;

/// <summary>Tests that operators can stop runs, and that stopped runs hold up no others.</summary>
public sealed class RetentionStopTests : IDisposable
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(31);

    private readonly string _folder = Directory.CreateTempSubdirectory("millrace-stop-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [StoreKinds]
    public async Task An_interrupted_run_that_was_stopped_is_not_continued(StoreKind kind)
    {
        await using var sample = await RetentionSample.Create(kind);
        await GivenCarts(sample);
        await Interrupt(sample, "run-1", RetentionEvents.Removed);
        var retention = Create(sample);

        var stopped = await retention.Stop("run-1", "ben", "wrong policy");
        var again = await retention.Stop("run-1", "eve", "repeated");
        var resumed = await retention.Resume();
        var repeated = await retention.Run("ann", "run-1");

        Assert.Equal(("ben", "wrong policy"), (stopped.StoppedBy, stopped.StopReason));
        Assert.Equal((50, 50), (stopped.Events, stopped.Streams));
        Assert.NotNull(stopped.EndedAt);
        Assert.Equal((stopped.StoppedBy, stopped.EndedAt), (again.StoppedBy, again.EndedAt));
        Assert.Equal(0, resumed);
        Assert.Equal("ben", repeated.StoppedBy);
        Assert.Equal(70, (await sample.LogTypes()).Count(type => type == "cart.opened"));
        Assert.Equal(70, (await retention.Run("ann", "run-2")).Events);
        Assert.Null((await retention.Find("run-2"))!.StoppedBy);
    }

    [Theory]
    [StoreKinds]
    public async Task A_run_that_another_node_carries_out_ends_after_its_batch(StoreKind kind)
    {
        await using var sample = await RetentionSample.Create(kind);
        await GivenCarts(sample);
        var other = await sample.Open();
        sample.AfterStep = step =>
        {
            if (step != RetentionEvents.Removed)
                return;
            sample.AfterStep = null;
            RetentionService.Of(other).Stop("run-1", "ben", "wrong policy").GetAwaiter().GetResult();
        };

        var run = await Create(sample).Run("ann", "run-1");

        Assert.Equal(("ben", 50L), (run.StoppedBy, run.Events));
        Assert.Equal(70, (await sample.LogTypes()).Count(type => type == "cart.opened"));
        Assert.True((await sample.Store.Verify()).IsSound);
    }

    [Fact]
    public async Task A_file_that_was_written_for_a_stopped_run_is_deleted()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        sample.ArchiveDirectory = _folder;
        await sample.Append("order-1", "order.placed", Old);
        sample.AfterStep = step =>
        {
            if (step == "archive-written")
                CreateArchiving(sample).Stop("run-1", "ben", "wrong policy").GetAwaiter().GetResult();
        };

        var run = await CreateArchiving(sample).Run("ann", "run-1");

        Assert.Equal("ben", run.StoppedBy);
        Assert.Empty(run.Results.SelectMany(result => result.Archives));
        Assert.Empty(Directory.GetFiles(_folder));
        Assert.Equal([1], await sample.Versions("order-1"));
    }

    [Fact]
    public async Task A_stopped_run_reports_which_archived_events_were_not_removed()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        sample.ArchiveDirectory = _folder;
        for (var i = 0; i < 120; i++)
            await sample.Append($"order-{i}", "order.placed", Old);
        var removals = 0;
        sample.AfterStep = step =>
        {
            if (step == RetentionEvents.Removed && ++removals == 2)
                CreateArchiving(sample).Stop("run-1", "ben", "wrong policy").GetAwaiter().GetResult();
        };

        var run = await CreateArchiving(sample).Run("ann", "run-1");

        var archive = Assert.Single(Assert.Single(run.Results).Archives);
        Assert.Equal((120, 100), (archive.Events, archive.RemovedEvents));
        Assert.Equal(100, run.Events);
        Assert.Equal(20, (await sample.LogTypes()).Count(type => type == "order.placed"));
    }

    [Fact]
    public async Task Only_a_run_that_exists_and_has_not_ended_can_be_stopped()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await GivenCarts(sample);
        var retention = Create(sample);
        await retention.Run("ann", "run-1");

        await Assert.ThrowsAsync<RetentionNotFoundException>(() => retention.Stop("run-2", "ben", "none"));
        await Assert.ThrowsAsync<RetentionRefusedException>(() => retention.Stop("run-1", "ben", "late"));
        await Assert.ThrowsAsync<InvalidNameException>(() => retention.Stop("Run 1", "ben", "late"));
        await Assert.ThrowsAsync<ArgumentException>(() => retention.Stop("run-1", "ben", " "));

        Assert.Null((await retention.Find("run-1"))!.StoppedBy);
    }

    [Fact]
    public async Task Runs_that_have_not_ended_are_found_without_reading_the_others()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await GivenCarts(sample);
        await Interrupt(sample, "run-1", RetentionEvents.Planned);
        await Interrupt(sample, "run-2", RetentionEvents.Started);
        for (var i = 3; i < 20; i++)
            await Create(sample).Run("ann", $"run-{i}");
        var log = new Millrace.Retention.RetentionLog(new Millrace.Erasing.ErasureScope(sample.Store, "", ""));

        var open = await log.FindOpen(default);
        await Create(sample).Stop("run-1", "ben", "obsolete");
        var rest = await log.FindOpen(default);
        var resumed = await Create(sample).Resume();

        Assert.Equal(["run-1", "run-2"], open);
        Assert.Equal(["run-2"], rest);
        Assert.Equal(1, resumed);
        Assert.Empty(await log.FindOpen(default));
        Assert.All(await Create(sample).List(), run => Assert.NotNull(run.EndedAt));
    }

    private static async Task GivenCarts(RetentionSample sample)
    {
        for (var i = 0; i < 120; i++)
            await sample.Append($"cart-{i}", "cart.opened", Old);
    }

    private static Task Interrupt(RetentionSample sample, string id, string step) =>
        sample.Interrupt(step, () => Create(sample).Run("ann", id));

    private static RetentionService Create(RetentionSample sample) =>
        sample.Create(options => options.Category("cart").DeleteAfter());

    private static RetentionService CreateArchiving(RetentionSample sample) =>
        sample.Create(options => options.Category("order").ArchiveAfter());
}

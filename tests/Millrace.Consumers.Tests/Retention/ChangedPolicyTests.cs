using Millrace.Events;
using Millrace.Retention;

namespace Millrace.Tests.Retention;

/// <summary>Tests runs that continue after the application was started with other policies.</summary>
public sealed class ChangedPolicyTests : IDisposable
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(31);
    private static readonly TimeSpan Older = TimeSpan.FromDays(100);

    private readonly string _folder = Directory.CreateTempSubdirectory("millrace-changed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [StoreKinds]
    public async Task A_continued_run_removes_nothing_that_its_plan_did_not_allow(StoreKind kind)
    {
        await using var sample = await Interrupted(kind, options =>
            options.Category("cart").DeleteAfter(RetentionPeriod.Days(60)));

        var run = await Continue(sample, options =>
        {
            options.Category("cart").DeleteAfter(RetentionPeriod.Days(1));
            options.Category("order").DeleteAfter(RetentionPeriod.Days(1));
        });

        Assert.Equal((1, 1), (run.Streams, run.Events));
        Assert.Equal("category cart: delete after 60 days", Assert.Single(run.Results).Policy);
        Assert.Empty(await sample.Versions("cart-older"));
        Assert.Equal([1], await sample.Versions("cart-old"));
        Assert.Equal([1], await sample.Versions("order-older"));
    }

    [Theory]
    [StoreKinds]
    public async Task A_continued_run_keeps_what_the_policies_keep_now(StoreKind kind)
    {
        await using var sample = await Interrupted(kind, options => options.Category("cart").DeleteAfter());

        var run = await Continue(sample, options =>
            options.Category("cart").DeleteAfter(RetentionPeriod.Days(60)));

        var result = Assert.Single(run.Results);
        Assert.Equal(("category cart: delete after 30 days", 1L), (result.Policy, result.Streams));
        var kept = Assert.Single(result.Kept);
        Assert.Equal(("kept by the policies that are declared now", 1L), (kept.Reason, kept.Count));
        Assert.Equal([1], await sample.Versions("cart-old"));
        Assert.Empty(await sample.Versions("cart-older"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_continued_run_removes_nothing_of_a_policy_that_was_removed(bool keepsForEver)
    {
        await using var sample = await Interrupted(StoreKind.Sqlite, options => options.AllStreams().DeleteAfter());

        var run = await Continue(sample, options =>
        {
            if (keepsForEver)
                options.AllStreams().KeepForever();
        });

        Assert.Equal(0, run.Events);
        Assert.Equal(3, Assert.Single(Assert.Single(run.Results).Kept).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_are_archived_if_one_of_the_policies_archives_them(bool isRecorded)
    {
        void Archive(RetentionOptions options) => options.Category("cart").ArchiveAfter();
        void Delete(RetentionOptions options) => options.Category("cart").DeleteAfter();
        await using var sample = await Interrupted(StoreKind.Sqlite, isRecorded ? Archive : Delete);

        var run = await Continue(sample, isRecorded ? Delete : Archive);

        Assert.Equal(2, run.Events);
        var archive = Assert.Single(run.Results.SelectMany(result => result.Archives));
        Assert.Equal((2, 2), (archive.Events, archive.RemovedEvents));
        Assert.True(File.Exists(Path.Combine(_folder, archive.File)));
    }

    [Fact]
    public async Task Only_the_events_that_both_policies_remove_are_removed()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await sample.Append("sensor-1", "sensor.measured", Older);
        await sample.Append("sensor-1", "sensor.measured", Old);
        await sample.Append("sensor-1", "sensor.moved", Old);
        await Interrupt(sample, options => options.Category("sensor").DeleteAfter());

        var run = await Continue(sample, options =>
        {
            options.EventType("sensor.measured").DeleteAfter(RetentionPeriod.Days(60));
            options.Category("sensor").KeepForever();
        });

        Assert.Equal((1, 1), (run.Streams, run.Events));
        Assert.Equal([2, 3], await sample.Versions("sensor-1"));
    }

    [Fact]
    public async Task A_reader_that_was_added_keeps_the_events()
    {
        await using var sample = await Interrupted(StoreKind.Sqlite, options => options.Category("cart").DeleteAfter());
        sample.Readers = [new RetentionReader("carts", ["thing.happened"], "cart")];

        var run = await Continue(sample, options => options.Category("cart").DeleteAfter());

        Assert.Equal(0, run.Events);
        Assert.Equal(
            "read by carts; allow it with EvenIfReadBy", Assert.Single(Assert.Single(run.Results).Kept).Reason);
    }

    [Fact]
    public async Task Data_that_expired_after_the_start_of_the_run_is_kept()
    {
        await using var sample = await Interrupted(
            StoreKind.Sqlite, options => options.Category("cart").DeleteAfter(RetentionPeriod.Days(60)));
        sample.Clock.Advance(TimeSpan.FromDays(40));

        var run = await Continue(sample, options => options.Category("cart").DeleteAfter(RetentionPeriod.Days(60)));

        Assert.Equal(1, run.Events);
        Assert.Equal([1], await sample.Versions("cart-old"));
    }

    /// <summary>Creates a store with a run that stopped after its plan.</summary>
    private async Task<RetentionSample> Interrupted(StoreKind kind, Action<RetentionOptions> configure)
    {
        var sample = await RetentionSample.Create(kind);
        sample.ArchiveDirectory = _folder;
        foreach (var (stream, age) in new[] { ("cart-older", Older), ("order-older", Older), ("cart-old", Old) })
            await sample.Append(stream, "thing.happened", age);
        await Interrupt(sample, configure);
        return sample;
    }

    private static Task Interrupt(RetentionSample sample, Action<RetentionOptions> configure) =>
        sample.Interrupt(RetentionEvents.Planned, () => sample.Create(configure).Run("ann", "run-1"));

    private static async Task<RetentionRun> Continue(RetentionSample sample, Action<RetentionOptions> configure)
    {
        var retention = sample.Create(configure);
        Assert.Equal(1, await retention.Resume());
        var run = (await retention.Find("run-1"))!;
        Assert.NotNull(run.EndedAt);
        Assert.True((await sample.Store.Verify()).IsSound);
        return run;
    }
}

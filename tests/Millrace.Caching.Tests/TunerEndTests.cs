using Microsoft.Extensions.DependencyInjection;
using Millrace.Consuming;
using Millrace.Queries;
using Millrace.Storage;
using Millrace.Testing;
using Millrace.Tuning;

namespace Millrace.Caching.Tests;

/// <summary>Tests how tuning runs end early, and that the settings of the application then apply again.</summary>
public sealed class TunerEndTests : IDisposable
{
    private const string Mailer = "mailer";
    private const string Operator = "ada";

    private static readonly TimeSpan LongRun = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    private readonly ShopFile _file = new();
    private readonly SemaphoreSlim _never = new(0);
    private volatile bool _fails;
    private TimeSpan _wait = TimeSpan.FromMilliseconds(5); // Of the handler.

    public void Dispose()
    {
        _file.Dispose();
        _never.Dispose();
    }

    [Fact]
    public async Task A_consumer_that_is_paused_ends_the_run()
    {
        await using var node = await StartRun(LongRun);

        await node.Services.GetRequiredService<Consumers>().Pause(Mailer);
        var report = await EndOf(node);

        Assert.Equal(
            (TuningState.Interrupted, "Consumer 'mailer' was paused."), (report.State, report.Reason));
        AssertRestored(node);
    }

    [Fact]
    public async Task A_consumer_that_fails_ends_the_run()
    {
        await using var node = await StartRun(LongRun);

        _fails = true;
        var report = await EndOf(node);

        Assert.Equal(TuningState.Interrupted, report.State);
        Assert.StartsWith("Consumer 'mailer' makes no progress: ", report.Reason, StringComparison.Ordinal);
        Assert.Contains("no connection", report.Reason, StringComparison.Ordinal);
        AssertRestored(node);
    }

    [Fact]
    public async Task A_run_is_cancelled_from_another_node()
    {
        await using var node = await StartRun(LongRun);
        await using var other = await Start(_file.Open(), runsConsumers: false);
        var tuner = other.Services.GetRequiredService<Tuner>();

        Assert.True(await tuner.Cancel("bob"));
        var report = await EndOf(node);

        Assert.Equal((TuningState.Interrupted, "bob cancelled the run."), (report.State, report.Reason));
        AssertRestored(node);
        Assert.False(await tuner.Cancel("bob")); // No run measures.
    }

    [Fact]
    public async Task A_run_that_lost_its_lock_ends_and_keeps_the_report_of_the_next_one()
    {
        await using var node = await StartRun(LongRun);
        await using var other = await Start(_file.Open(), runsConsumers: false);
        var tuner = other.Services.GetRequiredService<Tuner>();
        await node.Store.TryCommit(
            new CommitRequest
            {
                Documents = [new DocumentChange { Collection = "locks", Key = TuningService.LockName, Body = null }],
            },
            isBackground: false,
            default);
        Assert.Equal(TuningState.Interrupted, (await tuner.FindReport())!.State); // Nobody holds the lock.

        var next = await tuner.Start(null, TimeSpan.FromSeconds(20), Operator);
        await Eventually.Until(() => HasEnded(node), MaxWait);
        AssertRestored(node);
        await node.DisposeAsync(); // The run has ended, and would have stored its report.

        Assert.Equal(next.Id, (await tuner.FindReport())!.Id);
    }

    [Fact]
    public async Task A_run_takes_at_most_three_times_as_long_as_requested()
    {
        await using var node = await StartRun(Tuner.MinDuration);
        await Eventually.Until( // The present batch has ended.
            () => HostOf(node).FindAll(Mailer).Any(static one => one.Processor.Trial?.Batches > 0), MaxWait);
        _wait = TimeSpan.FromMinutes(1);

        var report = await EndOf(node);

        Assert.Equal(TuningState.Interrupted, report.State);
        Assert.StartsWith("The run took three times as long", report.Reason, StringComparison.Ordinal);
        Assert.InRange(report.EndedAt!.Value - report.StartedAt, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(40));
        AssertRestored(node);
    }

    [Fact]
    public async Task An_error_restores_the_settings()
    {
        await using var node = await Start(_file.Open());
        await Load(node);
        var target = new TuningTarget(
            HostOf(node).FindAll(Mailer),
            node.Services.GetRequiredService<QueryCache>(),
            HostOf(node).Options,
            static () => throw new InvalidOperationException("The log has no end."));
        var report = new TuningReport
        {
            Id = "one",
            State = TuningState.Running,
            Node = "n1",
            By = Operator,
            StartedAt = TimeProvider.System.GetUtcNow(),
            Duration = Tuner.MinDuration,
        };

        await Assert.ThrowsAsync<InvalidOperationException>(() => new TuningRun(
            target, Tuner.MinDuration, TimeProvider.System, new Random(1)).Run(report, default));

        AssertRestored(node);
    }

    [Fact]
    public async Task A_node_that_stops_refuses_a_run()
    {
        await using var node = await Start(_file.Open());
        await Load(node);
        await node.Services.GetRequiredService<TuningService>().Stop(default);

        var refused = await Assert.ThrowsAsync<TuningRefusedException>(
            () => node.Services.GetRequiredService<Tuner>().Start(Mailer, LongRun, Operator));

        Assert.Contains("the node is stopping", refused.Message, StringComparison.Ordinal);
        Assert.Null(await node.Services.GetRequiredService<Tuner>().FindReport());
    }

    private static ConsumerHost HostOf(Node node) => node.Services.GetRequiredService<ConsumerHost>();

    private static bool HasEnded(Node node) =>
        HostOf(node).All.All(static consumer => consumer.Processor.Trial is null);

    private static void AssertRestored(Node node)
    {
        Assert.True(HasEnded(node));
        Assert.Null(node.Services.GetRequiredService<QueryCache>().Trial);
    }

    private static async Task<TuningReport> EndOf(Node node) => (await Eventually.Get(
        () => node.Services.GetRequiredService<Tuner>().FindReport(),
        static report => report is not { State: TuningState.Running },
        MaxWait))!;

    /// <summary>Starts a node and a run, which has changed the settings.</summary>
    private async Task<Node> StartRun(TimeSpan duration)
    {
        var node = await Start(_file.Open());
        await Load(node);
        await node.Services.GetRequiredService<Tuner>().Start(Mailer, duration, Operator);
        await Eventually.Until(() => !HasEnded(node), Node.WaitTimeout);
        return node;
    }

    private static async Task Load(Node node)
    {
        for (var from = 0; from < 5_000; from += 100)
        {
            var request = new AppendRequest();
            for (var i = 0; i < 100; i++)
                request.To(new StreamId($"parcel-{i}"), ExpectedVersion.Any, new ParcelMoved($"{i}", "hall"));
            await node.Store.Append(request);
        }
        await Eventually.Until(
            () => HostOf(node).FindAll(Mailer).Any(static one => one.Lease is not null), Node.WaitTimeout);
    }

    private Task<Node> Start(IStorage storage, bool runsConsumers = true) => Node.Start(
        storage,
        configure: millrace => millrace
            .ConfigureConsumers(options => options.IsEnabled = runsConsumers)
            .AddConsumer(_ => ConsumerDefinition.Each(
                Mailer,
                EventFilter.All,
                async (_, cancellationToken) =>
                {
                    await _never.WaitAsync(_wait, cancellationToken);
                    if (_fails)
                        throw new StorageException("The mail server has no connection.", StorageProblem.Unavailable);
                })));
}

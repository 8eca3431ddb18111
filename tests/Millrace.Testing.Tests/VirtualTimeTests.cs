using System.Security.Cryptography;
using Bakery;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Testing.Tests;

/// <summary>Tests that the time advances step by step to each due timer, and not in one step.</summary>
public sealed class VirtualTimeTests
{
    private static readonly EventFilter Heated = EventFilter.OfTypes("oven.heated");

    private readonly ManualTimeProvider _time = new();
    private readonly DateTimeOffset _begin;

    public VirtualTimeTests() => _begin = _time.GetUtcNow();

    [Fact]
    public async Task Each_retry_during_an_advance_sees_its_own_due_time()
    {
        var calls = new List<double>();
        await using var host = await Start(millrace =>
            millrace
                .AddConsumer(
                    "gauge",
                    Heated,
                    (_, _) =>
                    {
                        calls.Add(Minutes());
                        return calls.Count < 4
                            ? throw new TimeoutException("The gauge does not answer.")
                            : ValueTask.CompletedTask;
                    }
                )
                .ConfigureConsumers(options =>
                    (options.RetryDelay, options.MaxRetryDelay, options.Retries) = (
                        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), 10)));
        await host.Store.Append(new StreamId("oven-left"), ExpectedVersion.Any, [new OvenHeated("left", 250)]);

        await host.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(10, Minutes());
        Assert.Collection(
            calls,
            first => Assert.Equal(0, first),
            second => Assert.InRange(second, 0.8, 1.2), // 1 minute with a jitter of a fifth.
            third => Assert.InRange(third - calls[1], 1.6, 2.4),
            fourth => Assert.InRange(fourth - calls[2], 3.2, 4.8));
    }

    [Fact]
    public async Task A_retry_after_the_end_of_the_advance_remains_due()
    {
        var calls = new List<double>();
        await using var host = await Start(millrace =>
            millrace
                .AddConsumer(
                    "gauge",
                    Heated,
                    (_, _) =>
                    {
                        calls.Add(Minutes());
                        return calls.Count < 3
                            ? throw new TimeoutException("The gauge does not answer.")
                            : ValueTask.CompletedTask;
                    }
                )
                .ConfigureConsumers(options =>
                    (options.RetryDelay, options.MaxRetryDelay) = (TimeSpan.FromMinutes(1), TimeSpan.FromHours(1))));
        await host.Store.Append(new StreamId("oven-left"), ExpectedVersion.Any, [new OvenHeated("left", 250)]);

        await host.Advance(TimeSpan.FromMinutes(1.5));
        Assert.Equal((1.5, 2), (Minutes(), calls.Count));
        await host.Advance(TimeSpan.FromMinutes(8.5));

        Assert.Equal((10, 3), (Minutes(), calls.Count));
        Assert.InRange(calls[2], 2.4, 3.6);
    }

    [Fact]
    public async Task Effects_of_timers_see_the_due_times_in_order()
    {
        var calls = new List<(string Oven, double At)>();
        await using var host = await Start(millrace => millrace.AddConsumer("gauge", Heated, (heated, _) =>
        {
            calls.Add((heated.Stream.Key, Minutes()));
            return ValueTask.CompletedTask;
        }));
        using var five = HeatAt(host, 5);
        using var one = HeatAt(host, 1);
        using var two = HeatAt(host, 2);

        await host.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal([("1", 1), ("2", 2), ("5", 5)], calls);
        Assert.Equal(10, Minutes());
    }

    [Fact]
    public async Task A_stalled_consumer_retries_at_its_due_times()
    {
        var commits = new List<double>();
        await using var host = await MillraceTestHost.Start(
            millrace =>
                millrace
                    .AddModel<BakeryModel>()
                    .UseStorage(_ => new FaultInjectingStorage(new InMemoryStorage(_time))
                    {
                        BeforeCommit = (batch, _) =>
                        {
                            if (!batch.Any(request => request.Documents.Count > 0))
                                return ValueTask.CompletedTask;
                            commits.Add(Minutes());
                            throw new StorageException("The disk is not available.", StorageProblem.Unavailable);
                        },
                    }),
            time: _time);
        await host.Store.Append(new StreamId("oven-left"), ExpectedVersion.Any, [new BreadBaked("left", "rye")]);
        await host.SettleWithFailures();
        var before = commits.Count;

        await host.Advance(TimeSpan.FromMinutes(2));

        Assert.InRange(commits.Count - before, 5, 200);
        Assert.Equal(commits.Count, commits.Distinct().Count());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 0)]
    [InlineData(0, 2)]
    public async Task A_hosted_service_continues_at_its_due_time(int workBefore, int workAfter)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await MillraceTestHost.Start(
            millrace => millrace.AddModel<BakeryModel>(),
            services => services.AddHostedService(
                provider => new Baker(provider.GetRequiredService<EventStore>(), _time, started)
                {
                    WorkBefore = TimeSpan.FromMilliseconds(workBefore),
                    WorkAfter = TimeSpan.FromMilliseconds(workAfter),
                }),
            _time);
        host.MaxWorkDuration = TimeSpan.FromMilliseconds(250); // The machine may be busy.
        await started.Task; // The application starts before its services wait for the time.

        await host.Advance(TimeSpan.FromMinutes(10));

        var recorded = await host.Store.ReadLog(EventFilter.OfTypes("bread.baked")).ToListAsync();
        Assert.Equal([1.0, 1.0, 2.0, 2.0, 5.0, 5.0], recorded.Select(item => (item.Timestamp - _begin).TotalMinutes));
    }

    [Fact]
    public async Task Advancing_several_days_takes_a_limited_number_of_steps()
    {
        var fired = 0;
        await using var host = await Start(_ => { });
        using var often = _time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        var started = TimeProvider.System.GetTimestamp();

        await host.Advance(TimeSpan.FromDays(3));

        Assert.Equal(3 * 24 * 3_600, fired);
        Assert.Equal(3 * 24 * 60, Minutes());
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromMinutes(3));
    }

    private double Minutes() => (_time.GetUtcNow() - _begin).TotalMinutes;

    private Task<MillraceTestHost> Start(Action<MillraceBuilder> configure) => MillraceTestHost.Start(
        millrace => configure(millrace.AddModel<BakeryModel>().ConfigureConsumers(options =>
            (options.LookEvery, options.LeaseDuration) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)))),
        time: _time);

    private ITimer HeatAt(MillraceTestHost host, int minutes) =>
        _time.CreateTimer(
            _ =>
                _ = host.Store.Append(
                    new StreamId($"oven-{minutes}"),
                    ExpectedVersion.Any,
                    [new OvenHeated($"{minutes}", 250)]),
            null,
            TimeSpan.FromMinutes(minutes),
            Timeout.InfiniteTimeSpan);

    /// <summary>
    /// Bakes two breads after 1, 2 and 5 minutes. The service uses a thread for some time before and after each bread.
    /// </summary>
    private sealed class Baker(EventStore store, TimeProvider time, TaskCompletionSource started) : BackgroundService
    {
        public required TimeSpan WorkBefore { get; init; }

        public required TimeSpan WorkAfter { get; init; }

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            foreach (var minutes in new[] { 1, 1, 3 })
            {
                var due = Task.Delay(TimeSpan.FromMinutes(minutes), time, stoppingToken);
                started.TrySetResult();
                await due;
                Work(WorkBefore);
                await store.Append(
                    new StreamId("oven-left"),
                    ExpectedVersion.Any,
                    [new BreadBaked("left", "rye")],
                    stoppingToken);
                Work(WorkAfter);
                await store.Append(
                    new StreamId("oven-left"),
                    ExpectedVersion.Any,
                    [new BreadBaked("left", "wheat")],
                    stoppingToken);
                Work(WorkAfter);
            }
        }

        private static void Work(TimeSpan time)
        {
            Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
            for (var start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < time;)
                SHA256.HashData(bytes, bytes);
        }
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Retention;
using Millrace.Testing;

namespace Millrace.Tests.Retention;

/// <summary>Tests that a failure in the schedule affects only one tenant or one run.</summary>
public sealed class RetentionSchedulerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 30, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _time = new(Start);

    [Fact]
    public async Task A_failure_of_one_tenant_does_not_stop_the_others()
    {
        await using var first = await Create();
        await using var second = await Create();
        first.AfterStep = _ => throw new InvalidOperationException("The disk fails.");
        using var scheduler = SchedulerOf(Policies(first), Policies(second));

        await scheduler.Start(default);
        await RunAtOne(() => Policies(second), streams: 1);

        Assert.Null((await Policies(first).Find("scheduled-20260101-010000"))!.EndedAt);
        await scheduler.Stop(default);
    }

    [Fact]
    public async Task An_earlier_run_that_fails_does_not_prevent_the_scheduled_run()
    {
        await using var sample = await Create();
        var failures = 0;
        sample.AfterStep = _ =>
        {
            if (++failures <= 3)
                throw new InvalidOperationException("The disk fails.");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(() => Policies(sample).Run("ann", "run-1"));
        using var scheduler = SchedulerOf(Policies(sample));

        await scheduler.Start(default); // The second failure.
        await RunAtOne(() => Policies(sample), streams: 0); // The third failure, after the removal.

        Assert.Null((await Policies(sample).Find("run-1"))!.EndedAt);
        await scheduler.Stop(default);
    }

    private static async Task<RetentionSample> Create()
    {
        var sample = await RetentionSample.Create(StoreKind.Memory);
        await sample.Append("cart-1", "cart.opened", TimeSpan.FromDays(31));
        return sample;
    }

    private static RetentionService Policies(RetentionSample sample) =>
        sample.Create(options => options.Category("cart").DeleteAfter());

    private async Task RunAtOne(Func<RetentionService> service, int streams)
    {
        await _time.WaitForTimers(1);
        _time.Advance(TimeSpan.FromMinutes(30));
        var run = await Eventually.Get(
            () => service().Find("scheduled-20260101-010000"), run => run?.EndedAt is not null);
        Assert.Equal(streams, run!.Streams);
    }

    private RetentionScheduler SchedulerOf(params RetentionService[] services) => new(
        async (action, cancellationToken) =>
        {
            foreach (var service in services)
                await action(service, cancellationToken);
        },
        "0 * * * *",
        TimeZoneInfo.Utc,
        _time,
        NullLogger<RetentionScheduler>.Instance);
}

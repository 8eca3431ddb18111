using System.Globalization;
using Millrace.Consuming;
using Millrace.Consuming.Load;
using Xunit.Abstractions;

namespace Millrace.Tests.Load;

/// <summary>Tests of the adaptation of consumers with a simulated load, which has no clock and no threads.</summary>
public sealed class LoadControllerTests(ITestOutputHelper output)
{
    private const int Intervals = 200;
    private const int SettleIntervals = 20;
    private const int MaxLateChanges = 30; // In the second half of a phase without a change of the load.

    private static readonly ResourceUse Plenty = new(0.2, 0.2);

    [Fact]
    public void Random_loads_stay_within_bounds_settle_and_reach_nearly_the_best_fixed_setting()
    {
        var shares = new List<double>();
        for (var seed = 1; seed <= (TestRun.IsLong ? 10_000 : 1_000); seed++)
        {
            var random = new Random(seed);
            var options = new LoadOptions
            {
                Priority = (LoadPriority)(seed % 3),
                MinBatchEvents = random.Next(1, 20),
                MaxWorkers = random.Next(2) == 0 ? null : random.Next(1, 33),
            };
            var load = new SimulatedLoad(options, random);
            for (var phase = 0; phase < 4; phase++)
                shares.Add(RunPhase(seed, load, options, SimulatedHandler.Create(random)));
        }

        shares.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"share of the best setting: median {shares[shares.Count / 2]:0.00}, 5 % below "
                + $"{shares[shares.Count / 20]:0.00}, lowest {shares[0]:0.00}"));
        Assert.InRange(shares[shares.Count / 20], 0.85, double.MaxValue);
        Assert.InRange(shares[shares.Count / 2], 0.95, double.MaxValue);
    }

    [Theory]
    [InlineData(LoadPriority.Latency)]
    [InlineData(LoadPriority.Balanced)]
    [InlineData(LoadPriority.Throughput)]
    public void No_fixed_setting_handles_more_of_a_changing_load_within_the_target(LoadPriority priority)
    {
        SimulatedHandler[] phases =
        [
            new(0.001, 0, 0.00001, 40, 0.05), // A fast handler.
            new(0.001, 0.01, 0.00001, 30, 0.05), // A slow service.
            new(0.001, 0.002, 0.00001, 2, 0.05), // A service with two connections.
            new(0.01, 0, 0.0002, 40, 0.05), // A handler with much work.
        ];
        var load = new SimulatedLoad(new LoadOptions { Priority = priority }, new Random(1));
        foreach (var phase in phases)
        {
            for (var until = load.Time + 60; load.Time < until;)
                load.Run(phase);
        }

        var best = SimulatedHandler.Settings
            .Where(one => phases.All(phase => phase.DurationOf(one.BatchEvents, one.Workers) <= load.Target * 1.05))
            .Select(one => phases.Sum(phase => 60 * one.BatchEvents / phase.DurationOf(one.BatchEvents, one.Workers)))
            .DefaultIfEmpty(0)
            .Max();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{priority}: {load.Events / best:0.00} x"));
        Assert.InRange(load.Events, best, double.MaxValue);
    }

    [Fact]
    public void Scarce_memory_and_processors_limit_the_workers_and_do_not_flap()
    {
        var limit = new WorkerLimit(20);

        Assert.Equal(20, limit.Update(new(0.8, 0.7)));
        Assert.Equal(10, limit.Update(new(0.81, 0.7)));
        Assert.Equal(10, limit.Update(new(0.76, 0.7)));
        Assert.Equal(8, limit.Update(new(0.76, 0.71)));
        Assert.Equal(16, limit.Update(new(0.74, 0.66)));
        Assert.Equal(20, limit.Update(new(0.74, 0.64)));
        Assert.Equal(1, new WorkerLimit(1).Update(new(1, 1)));
    }

    [Fact]
    public void Workers_are_reduced_at_once_when_memory_becomes_scarce()
    {
        var handler = new SimulatedHandler(0.001, 0.01, 0, 64, 0);
        var load = new SimulatedLoad(new LoadOptions { MaxWorkers = 16 }, new Random(1));
        for (var i = 0; i < 50; i++)
            load.Run(handler, Plenty);
        Assert.InRange(load.Controller.Workers, 14, 16);

        Assert.True(load.Run(handler, new(0.9, 0.2)));
        Assert.Equal(8, load.Controller.Workers);
    }

    [Fact]
    public void A_batch_over_the_target_has_a_fifth_fewer_events_and_one_far_below_a_fifth_more()
    {
        var controller = new LoadController(new LoadOptions { TargetLatency = TimeSpan.FromSeconds(1) }, 2);

        controller.Observe(Batch(controller, seconds: 1.1), Plenty);
        Assert.Equal(400, controller.BatchEvents);
        controller.Observe(Batch(controller, seconds: 0.9), Plenty);
        Assert.Equal(400, controller.BatchEvents);
        controller = new LoadController(new LoadOptions { TargetLatency = TimeSpan.FromSeconds(1) }, 2);
        controller.Observe(Batch(controller, seconds: 0.7), Plenty);
        Assert.Equal(600, controller.BatchEvents);
    }

    [Fact]
    public void Nothing_grows_while_no_events_wait_or_the_target_throughput_is_reached()
    {
        var idle = new LoadController(new LoadOptions(), 2);
        var second = TimeSpan.FromSeconds(1);
        var reached = new LoadController(new LoadOptions { TargetThroughput = 100, MaxWorkers = 2, MinWorkers = 2 }, 2);

        for (var i = 0; i < 20; i++)
        {
            Assert.Null(idle.Observe(new(50, 10, 0, second / 10, second, 0), Plenty));
            Assert.Null(reached.Observe(new(500, 1, 1, second / 10, second / 10, 10_000), Plenty));
        }
    }

    private static LoadMeasurement Batch(LoadController controller, double seconds)
    {
        var duration = TimeSpan.FromSeconds(seconds);
        return new(controller.BatchEvents, 1, 1, duration, duration, 10_000);
    }

    /// <summary>Returns the share of the events that the best fixed setting handles in the same time.</summary>
    private static double RunPhase(int seed, SimulatedLoad load, LoadOptions options, SimulatedHandler handler)
    {
        var (lateChanges, events, time) = (0, 0L, 0.0);
        for (var i = 0; i < Intervals; i++)
        {
            var hasChanged = load.Run(handler);
            if (i == SettleIntervals)
                (events, time) = (load.Events, load.Time);
            if (i >= Intervals / 2 && hasChanged)
                lateChanges++;
            var controller = load.Controller;
            Assert.InRange(controller.BatchEvents, options.MinBatchEvents, options.MaxBatchEvents);
            Assert.InRange(controller.Workers, options.MinWorkers, options.WorkersOf(2));
        }
        Assert.True(lateChanges <= MaxLateChanges, $"Seed {seed}: {lateChanges} changes with {handler}.");
        var best = SimulatedHandler.Settings
            .Where(one => one.Workers <= options.WorkersOf(2))
            .Where(one => one.BatchEvents <= 20
                || handler.DurationOf(one.BatchEvents, one.Workers) <= load.Target)
            .Max(one => one.BatchEvents / handler.DurationOf(one.BatchEvents, one.Workers));
        return (load.Events - events) / (load.Time - time) / best;
    }
}

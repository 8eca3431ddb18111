using Microsoft.Extensions.DependencyInjection;
using Millrace.Consuming;
using Millrace.Tuning;

namespace Millrace.Caching.Tests;

/// <summary>Tests which settings a tuning run tries, and what it concludes from their measurements.</summary>
public sealed class TuningRulesTests : IDisposable
{
    private const string Mailer = "mailer";
    private const int Rounds = 4;

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<TimeSpan>> NoAnswers =
        new Dictionary<string, IReadOnlyList<TimeSpan>>();

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Workers_are_compared_with_one_worker_and_the_same_batches()
    {
        await using var node = await Start();
        var target = TargetOf(node);
        var choice = new TuningChoice(BatchAlone: 32, Workers: 4, BatchForWorkers: 4, BatchTogether: 128);
        var settings = TuningPlan.SettingsOf(
            target, choice, TuningSetting.Present(50, isCached: false), hasQueries: false);
        // Batches gain ten times, and workers nothing.
        var rounds = RoundsOf(settings, static setting => setting.BatchEvents == 1 ? 100 : 1_000);

        var gains = new TuningConclusions(target, rounds, isPresentReduced: false)
            .Gains()
            .ToDictionary(static gain => gain.Factor);

        Assert.Equal(
            ["none", "batching", "one worker", "concurrency", "batching+concurrency", "present"],
            settings.Select(static setting => setting.Name));
        Assert.Equal(TuningVerdict.Gains, gains[TuningFactor.Batching].Verdict);
        Assert.Equal(TuningVerdict.Nothing, gains[TuningFactor.Concurrency].Verdict);
        Assert.Null(gains[TuningFactor.Concurrency].Combined); // The batches of both have other sizes.
        Assert.Equal(TuningVerdict.Gains, gains[TuningFactor.Together].Verdict);
    }

    [Fact]
    public async Task Without_full_batches_the_gains_are_unclear_and_the_load_is_the_reason()
    {
        await using var node = await Start();
        var target = TargetOf(node);
        var settings = TuningPlan.SettingsOf(
            target, new TuningChoice(32, 4, 4, 32), TuningSetting.Present(50, isCached: false), hasQueries: false);
        var rounds = RoundsOf(settings, static setting => setting.BatchEvents == 1 ? 100 : null);

        var conclusions = new TuningConclusions(target, rounds, isPresentReduced: false);

        Assert.Equal(3, conclusions.Gains().Count);
        Assert.All(conclusions.Gains(), static gain =>
        {
            Assert.Null(gain.Alone);
            Assert.Equal(TuningVerdict.Unclear, gain.Verdict);
        });
        Assert.StartsWith("The load was too low", conclusions.FindProblem(), StringComparison.Ordinal);
        Assert.Empty(conclusions.Advise());
    }

    [Theory]
    [InlineData(32, false, true)]
    [InlineData(50, false, false)] // The present settings are the best ones.
    [InlineData(32, true, false)] // They were measured with smaller batches, and can be better.
    public async Task Settings_are_recommended_only_if_they_differ_from_the_present_ones(
        int best, bool isPresentReduced, bool isRecommended)
    {
        await using var node = await Start();
        var target = TargetOf(node);
        var settings = TuningPlan.SettingsOf(
            target, new TuningChoice(best, 2, 2, best), TuningSetting.Present(50, isCached: false), hasQueries: false);
        var rounds = RoundsOf(
            settings, static setting => setting.Name == TuningSetting.BothName ? 1_000 : 100);

        var conclusions = new TuningConclusions(target, rounds, isPresentReduced);

        string[] expected = isRecommended ? ["Millrace:Consumers:BatchEvents", "Millrace:Consumers:Workers"] : [];
        Assert.Equal(expected, conclusions.Advise().Select(static advice => advice.Name));
        Assert.Equal(isPresentReduced, conclusions.FindProblem() is not null);
    }

    [Fact]
    public async Task Trials_stay_within_a_multiple_of_fixed_settings_and_within_requirements()
    {
        await using (var node = await Start())
        {
            var target = TargetOf(node);

            Assert.Equal((50, 200), (target.PresentBatchEvents, target.MaxBatchEvents));
            Assert.Equal((2, 8), (target.PresentWorkers, target.MaxWorkers));
        }
        await using (var adapting = await Start(static options => options.Load = new LoadOptions
        {
            MaxBatchEvents = 30,
            MaxWorkers = 3,
        }))
        {
            var target = TargetOf(adapting);

            Assert.Equal((30, 3), (target.MaxBatchEvents, target.MaxWorkers));
        }
    }

    [Fact]
    public async Task A_batch_handler_has_no_workers()
    {
        await using var node = await Node.Start(_file.Open(), configure: static millrace => millrace.AddConsumer(
            static _ => ConsumerDefinition.Batch(
                Mailer, EventFilter.All, static (_, _) => ValueTask.CompletedTask)));

        var target = TargetOf(node);

        Assert.False(target.HasWorkers);
        Assert.Equal((1, 1), (target.PresentWorkers, target.MaxWorkers));
    }

    private static TuningTarget TargetOf(Node node)
    {
        var host = node.Services.GetRequiredService<ConsumerHost>();
        return new TuningTarget(host.FindAll(Mailer), null, host.Options, () => node.Store.Tail.Head.Position);
    }

    /// <summary>Returns rounds with full batches; without a rate, with batches that are not full.</summary>
    private static TuningRounds RoundsOf(
        IReadOnlyList<TuningSetting> settings, Func<TuningSetting, int?> eventsPerSecond)
    {
        var rounds = new TuningRounds(settings);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var setting in settings)
            {
                var rate = eventsPerSecond(setting);
                var batch = new TrialBatch(TimeSpan.FromSeconds(1), rate ?? 50, IsFull: rate is not null);
                rounds.Add(setting, new TuningSample([batch], NoAnswers));
            }
        }
        return rounds;
    }

    private Task<Node> Start(Action<ConsumerOptions>? configure = null) => Node.Start(
        _file.Open(),
        configure: millrace => millrace
            .ConfigureConsumers(options =>
            {
                (options.BatchEvents, options.Workers) = (50, 2);
                configure?.Invoke(options);
            })
            .AddConsumer(_ => ConsumerDefinition.Each(
                Mailer, EventFilter.All, static (_, _) => ValueTask.CompletedTask)));
}

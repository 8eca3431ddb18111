using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures the cost of error handling for events that do not fail. One result compares a consumer with failure
/// policies and one without. The other compares a consumer with a blocked key, which is checked for each event, and one
/// without.
/// </summary>
internal sealed class FailurePolicyScenario : IScenario
{
    private const string Plain = "plain";
    private const string WithPolicies = "with-policies";
    private const string WithBlockedKey = "with-blocked-key";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    public IReadOnlyList<string> Names { get; } = ["consume-with-policies", "consume-with-a-letter"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var log = await run.GetLog();
        var (plain, withPolicies, withBlockedKey) = (
            new CountingHandler(), new CountingHandler(), new CountingHandler { FailsFirst = true });
        using var host = await Application.Start(
            log.NewStorage(),
            _ => { },
            millrace =>
                millrace
                    .AddConsumer(_ => plain.Define(Plain))
                    .AddConsumer(_ =>
                        withPolicies
                            .Define(WithPolicies)
                            .OnFailure(policy =>
                                policy
                                    .Transient<HttpRequestException>()
                                    .Transient<TimeoutException>()
                                    .Permanent<FormatException>()
                                    .Retry(5, TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(1))
                                    .Notify(_ => { })))
                    .AddConsumer(_ => withBlockedKey.Define(WithBlockedKey)));
        var consumers = host.Services.GetRequiredService<Consumers>();
        var token = await host.Services.GetRequiredService<EventStore>().GetToken();
        foreach (var name in (string[])[Plain, WithPolicies, WithBlockedKey])
            await consumers.WaitFor(name, token, WaitTimeout);

        Task<Round> HandleAgain(string name, CountingHandler counted) =>
            Round.Measure(async () =>
            {
                var before = counted.Handled;
                await consumers.Reset(name);
                await consumers.WaitFor(name, token, WaitTimeout);
                return (counted.Handled - before, (Latencies?)null);
            });
        var policies = await PairedRounds.RunAlternating(
            run.Sizes.Rounds, _ => HandleAgain(Plain, plain), _ => HandleAgain(WithPolicies, withPolicies));
        var letters = await PairedRounds.RunAlternating(
            run.Sizes.Rounds, _ => HandleAgain(Plain, plain), _ => HandleAgain(WithBlockedKey, withBlockedKey));
        await host.StopAsync();
        return
        [
            BenchmarkResult.OfRates(Names[0], "events/s", policies, goal: 0.9),
            BenchmarkResult.OfRates(Names[1], "events/s", letters, goal: 0.7),
        ];
    }

    /// <summary>A handler that decodes each event and counts it.</summary>
    private sealed class CountingHandler
    {
        private long _handled;
        private long _sum;

        public bool FailsFirst { get; init; }

        public long Handled => Interlocked.Read(ref _handled);

        public ConsumerDefinition Define(string name) =>
            ConsumerDefinition.Each(name, EventFilter.OfTypes(SampleLines.EventType), Handle);

        private ValueTask Handle(RecordedEvent recorded, CancellationToken cancellationToken)
        {
            if (FailsFirst && recorded.Position == 1)
                throw new NotSupportedException("The first event fails, and its stream is blocked.");
            Interlocked.Add(ref _sum, ((LineAdded)recorded.Data).Key);
            Interlocked.Increment(ref _handled);
            return ValueTask.CompletedTask;
        }
    }
}

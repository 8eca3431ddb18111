using System.Diagnostics;
using System.Globalization;
using Millrace.Monitoring;
using Millrace.Testing;
using Xunit.Abstractions;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Measures the cost of the continuous audit with alternating appends to a store with and a store without the audit.
/// </summary>
public sealed class AuditCostTests(ITestOutputHelper output) : StoreTests
{
    private const int Writers = 32;
    private const double MinRatio = 0.6;
    private const int Rounds = 5;
    private static readonly int RoundCount = TestRun.IsLong ? 120 : 12;
    private static readonly TimeSpan RoundDuration = TimeSpan.FromMilliseconds(TestRun.IsLong ? 1_000 : 300);

    [PostgreSqlFact]
    public async Task An_audited_store_is_nearly_as_fast_at_appends_as_a_store_without_the_audit()
    {
        var other = await TestServer.CreateStore();
        await using (var plain = await Open(other))
        await using (var audited = await Open(Database))
        {
            using var auditor = new LogAuditor(
                audited,
                new LogAuditOptions(),
                Microsoft.Extensions.Logging.Abstractions.NullLogger<LogAuditor>.Instance);
            await auditor.Start(CancellationToken.None);
            await AppendFor(plain, RoundDuration);
            await AppendFor(audited, RoundDuration);
            // On a busy machine, both stores are as slow as the load. One quiet round is enough to show the cost.
            var medians = new List<double>();
            for (var round = 0; round < Rounds && medians.All(median => median <= MinRatio); round++)
                medians.Add(await MedianRate(plain, audited));
            await Eventually.Get(
                () => Task.FromResult(auditor.Status), status => status.Position == audited.Tail.Head.Position);
            await auditor.Stop(CancellationToken.None);

            var summary = string.Create(
                CultureInfo.InvariantCulture,
                $"With the audit, the rate is {medians.Max():0.00} of the rate without (median of {RoundCount} turns); "
                    + $"{auditor.Status.Events} events checked, {auditor.Status.SkippedEvents} skipped.");
            output.WriteLine(summary);
            Assert.True(auditor.Status.IsSound, string.Join(' ', auditor.Status.Problems));
            Assert.True(medians.Max() > MinRatio && auditor.Status.Events > 0, summary);
        }
        await TestServer.Return(other);
    }

    private static async Task<double> MedianRate(EventStore plain, EventStore audited)
    {
        var rates = new List<double>();
        for (var turn = 0; turn < RoundCount; turn++)
        {
            var plainRate = await AppendFor(plain, RoundDuration);
            var auditedRate = await AppendFor(audited, RoundDuration);
            rates.Add(auditedRate / plainRate);
        }
        return rates.Order().ElementAt(rates.Count / 2);
    }

    private static async Task<EventStore> Open(string database) =>
        await EventStore.Open(
            await TestData.Open(database, options => options.Clock = PostgreSqlClock.Database), EventTypeMap.Empty);

    /// <summary>Appends with 32 writers, and returns the events per second.</summary>
    private static async Task<double> AppendFor(EventStore store, TimeSpan time)
    {
        var (began, count) = (Stopwatch.GetTimestamp(), 0L);
        await Task.WhenAll(
            Enumerable
                .Range(0, Writers)
                .Select(writer =>
                    Task.Run(async () =>
                    {
                        var stream = new StreamId($"thing-{writer}");
                        while (Stopwatch.GetElapsedTime(began) < time)
                        {
                            await store.Append(
                                stream,
                                ExpectedVersion.Any,
                                [NewEvent.FromBytes("thing.happened", "{}"u8.ToArray())]);
                            Interlocked.Increment(ref count);
                        }
                    })
                )
        );
        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}

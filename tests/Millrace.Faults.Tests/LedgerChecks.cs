using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Faults.Tests;

/// <summary>Checks the invariants of a ledger after crashes of its nodes.</summary>
internal static class LedgerChecks
{
    public static void AssertAcknowledged(List<Acknowledgement> acknowledged, List<RecordedEvent> log, string where)
    {
        foreach (var expected in acknowledged)
        {
            Assert.True(
                expected.Position <= log.Count,
                $"{expected} was acknowledged, but the log ends at {log.Count} in {where}.");
            var actual = log[(int)expected.Position - 1];
            Assert.Equal(expected, new Acknowledgement(actual.Stream, actual.Version, actual.Position, actual.Id));
        }
        Assert.Equal(log.Count, log.Select(recorded => recorded.Id).Distinct().Count());
    }

    public static void AssertWithoutGaps(List<RecordedEvent> log, string where)
    {
        var versions = new Dictionary<StreamId, long>();
        for (var i = 0; i < log.Count; i++)
        {
            var expected = versions.GetValueOrDefault(log[i].Stream) + 1;
            Assert.True(
                log[i].Position == i + 1, $"The log has position {log[i].Position} instead of {i + 1}, in {where}.");
            var version = $"{log[i].Stream} has version {log[i].Version} instead of {expected}, in {where}.";
            Assert.True(log[i].Version == expected, version);
            versions[log[i].Stream] = expected;
        }
    }

    public static async Task AssertSound(IServiceProvider services, string where)
    {
        var report = await services.GetRequiredService<EventStore>().Verify();
        var problems = report.Checks.SelectMany(check =>
            check.Problems.Select(problem => $"{check.Guarantee}: {problem}"));
        Assert.True(report.IsSound && report.LostEvents == 0, $"In {where}: {string.Join("; ", problems)}");
    }

    public static async Task AssertReadModels(IServiceProvider services, List<RecordedEvent> log, string where)
    {
        var token = await services.GetRequiredService<EventStore>().GetToken();
        var deposits = log.Select(recorded => Assert.IsType<Deposited>(recorded.Data)).ToList();
        await AssertReadModel<string, AccountTotal>(
            services, deposits, deposited => deposited.Account, document => document.Sum, token, where);
        await AssertReadModel<string, AccountCopy>(
            services, deposits, deposited => deposited.Account, document => document.Sum, token, where);
        await AssertReadModel<int, WriterTotal>(
            services, deposits, deposited => deposited.Writer, document => document.Sum, token, where);
        await AssertReadModel<int, BucketTotal>(
            services, deposits, deposited => deposited.Bucket, document => document.Sum, token, where);
    }

    private static async Task AssertReadModel<TKey, TDocument>(
        IServiceProvider services,
        List<Deposited> deposits,
        Func<Deposited, TKey> key,
        Func<TDocument, Total> sum,
        ConsistencyToken token,
        string where)
        where TKey : notnull
        where TDocument : class
    {
        var model = services.GetRequiredService<IReadModel<TKey, TDocument>>();
        foreach (var group in deposits.GroupBy(key))
        {
            var expected = group.Aggregate((Total?)null, Total.Add);
            var read = await model.Get(group.Key, new ReadAfter(token, TimeSpan.FromMinutes(4)));
            Assert.True(
                read.IsFresh,
                $"{typeof(TDocument).Name} did not reach the end of the log within 4 minutes, in {where}.");
            Assert.True(
                read.Value is { } document && sum(document) == expected,
                $"{typeof(TDocument).Name} {group.Key} is {read.Value} instead of {expected}, in {where}.");
        }
    }
}

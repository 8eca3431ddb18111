using Millrace.Metrics;
using Millrace.Storage;

namespace Millrace.Tests.Metrics;

/// <summary>Tests when a node takes the name of a process that has ended.</summary>
public sealed class NodeNameTests
{
    private static readonly DateTimeOffset Now = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(false, 11, "web")]
    [InlineData(false, 9, "web-2")] // The process may have a changed start, because the wall clock was set.
    [InlineData(true, 11, "web-2")] // A process of another container with the same name of the machine.
    [InlineData(true, 31, "web")]
    public async Task The_name_of_a_process_that_has_ended_is_free(bool isOtherScope, int age, string expected)
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);
        var metrics = new MetricStore(store);
        await metrics.EnsureCollections(CancellationToken.None);
        var holder = NodeHolder.Create(TimeProvider.System);
        var ended = holder with
        {
            Instance = "ended",
            ProcessId = int.MaxValue,
            Scope = isOtherScope ? "another boot/pid:[1]" : holder.Scope,
        };
        var record = new LatestRecord
        {
            At = Now.AddSeconds(-age),
            Interval = HistoryNode.Interval,
            Holder = ended,
            Values = [],
        };
        await store.TryCommit(
            new CommitRequest { Documents = [MetricStore.WriteLatest("web", record, 0)] },
            isBackground: false,
            CancellationToken.None);

        var (name, _) = await new NodeNames(metrics, "web", holder).Find(Now, CancellationToken.None);

        Assert.Equal(expected, name);
    }
}

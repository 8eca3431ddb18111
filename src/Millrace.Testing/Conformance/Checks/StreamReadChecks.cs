using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of stream pages.</summary>
internal static class StreamReadChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A stream is read forwards from any version, in pages of any size", Forwards),
        new("A stream is read backwards from any version, in pages of any size", Backwards),
        new("A page of a stream indicates whether it is the last page", The_end),
        new("A page after the end of a stream is empty, and a later read can continue from it", After_the_end),
        new("A stream is read without events of other streams", Without_neighbours),
        new("A page of events for a fold contains all properties that the fold needs", Read_for_a_fold),
    ];

    private static async Task Forwards(StorageProbe probe)
    {
        await Interleave(probe);
        foreach (var limit in new[] { 1, 2, 9, 10, 11, 1_000 })
        {
            foreach (var from in new[] { 1, 2, 5, 10 })
            {
                var read = await probe.ReadStream("a", from, limit);
                Expect.Same(
                    Numbers(from, 10), read.Select(one => one.Version), $"versions from {from} in pages of {limit}");
            }
        }
    }

    private static async Task Backwards(StorageProbe probe)
    {
        await Interleave(probe);
        foreach (var limit in new[] { 1, 2, 9, 10, 11, 1_000 })
        {
            foreach (var from in new[] { long.MaxValue, 11, 10, 7, 1 })
            {
                var read = await probe.ReadStreamBackwards("a", from, limit);
                Expect.Same(
                    Numbers(1, Math.Min(from, 10)).Reverse(),
                    read.Select(one => one.Version),
                    $"versions backwards from {from} in pages of {limit}");
            }
        }
    }

    private static async Task The_end(StorageProbe probe)
    {
        await Interleave(probe);
        for (var limit = 1; limit <= 12; limit++)
        {
            var forwards = await probe.Log.ReadStream(
                new StreamPageQuery(new StreamId("a"), 1, false, limit), probe.Cancel);
            var backwards = await probe.Log.ReadStream(
                new StreamPageQuery(new StreamId("a"), long.MaxValue, true, limit), probe.Cancel);

            Expect.Equal(Math.Min(limit, 10), forwards.Events.Count, $"events of a page of {limit}");
            Expect.Equal(limit >= 10, forwards.IsEnd, $"whether a page of {limit} is the last");
            Expect.Equal(
                Math.Min(limit, 10) + 1, forwards.Next, $"the version to continue from after a page of {limit}");
            Expect.Equal(Math.Min(limit, 10), backwards.Events.Count, $"events of a page of {limit} backwards");
            Expect.Equal(limit >= 10, backwards.IsEnd, $"whether a page of {limit} backwards is the last");
        }
    }

    private static async Task After_the_end(StorageProbe probe)
    {
        await Interleave(probe);

        var page = await probe.Log.ReadStream(new StreamPageQuery(new StreamId("a"), 11, false, 5), probe.Cancel);
        Expect.Equal((0, 11L, true), (page.Events.Count, page.Next, page.IsEnd), "the page after the end");
        await probe.Append("a", ExpectedVersion.Exactly(10), Sample.Event(500));
        var later = await probe.Log.ReadStream(
            new StreamPageQuery(new StreamId("a"), page.Next, false, 5), probe.Cancel);

        Expect.Equal((1, true), (later.Events.Count, later.IsEnd), "the same page after another append");
    }

    private static async Task Without_neighbours(StorageProbe probe)
    {
        string[] streams = ["order-1", "order-10", "order-", "order", "Order-1", "order-1 ", "order_1", "order%"];
        foreach (var (index, stream) in streams.Index())
            await probe.Append(stream, ExpectedVersion.NoStream, Sample.Event(index));

        foreach (var (index, stream) in streams.Index())
            Expect.Same(
                [index],
                (await probe.ReadStream(stream)).Select(BatchChecks.NumberOf),
                $"events of '{stream}'");
    }

    private static async Task Read_for_a_fold(StorageProbe probe)
    {
        await Interleave(probe);
        foreach (var limit in new[] { 1, 3, 10, 1_000 })
        {
            var query = new StreamPageQuery(new StreamId("a"), 2, IsBackwards: false, limit);
            var whole = await probe.Log.ReadStream(query, probe.Cancel);
            var folded = await probe.Log.ReadStream(query with { IsFolded = true }, probe.Cancel);

            Expect.Same(
                whole.Events.Select(FoldProperties), folded.Events.Select(FoldProperties),
                $"the properties for a fold in a page of {limit}");
            Expect.Equal(
                (whole.Next, whole.IsEnd),
                (folded.Next, folded.IsEnd),
                $"the version to continue from after a folded page of {limit}");
        }

        static string FoldProperties(RecordedEvent one) =>
            $"{one.Stream} {one.Version} {one.Position} {one.Type} {one.SchemaVersion} {one.ContentType} "
            + Convert.ToHexString(one.Payload.Span);
    }

    /// <summary>Writes ten events to stream 'a', interleaved with events of other streams.</summary>
    private static async Task Interleave(StorageProbe probe)
    {
        for (var i = 0; i < 10; i++)
        {
            await probe.Append("a", ExpectedVersion.AsRead(i), Sample.Event(i));
            await probe.Append($"b-{i % 3}", ExpectedVersion.Any, Sample.Events(100 + (10 * i), i % 3 + 1));
        }
    }

    private static IEnumerable<long> Numbers(long first, long last) =>
        Enumerable.Range((int)first, (int)(last - first + 1)).Select(number => (long)number);
}

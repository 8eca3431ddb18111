using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of lists of streams by name.</summary>
internal static class ListingChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("Streams with unusual names are distinct and can be read", Unusual_names),
        new("Streams are listed in the byte order of their names, in pages of any size", In_order),
        new("Streams are listed by any prefix of their names", By_prefix),
        new("Streams are listed with their version and state", With_state),
    ];

    private static async Task Unusual_names(StorageProbe probe)
    {
        await Fill(probe);
        foreach (var (index, name) in UnusualNames.All.Index())
        {
            Expect.Equal(new StreamHead(1, 1, StreamState.Open), await probe.Head(name), $"stream '{name}'");
            var recorded = (await probe.ReadStream(name)).One();
            Expect.Equal(
                (name, index), (recorded.Stream.Value, BatchChecks.NumberOf(recorded)), $"the event of '{name}'");
        }
    }

    private static async Task In_order(StorageProbe probe)
    {
        await Fill(probe);
        foreach (var limit in new[] { 1, 7, UnusualNames.All.Count, 1_000 })
            Expect.Same(UnusualNames.InOrder, await List(probe, "", limit), $"streams in pages of {limit}");
    }

    private static async Task By_prefix(StorageProbe probe)
    {
        await Fill(probe);
        string[] prefixes =
        [
            "",
            "o",
            "O",
            "order",
            "order-",
            "order-1",
            "order%",
            "order_",
            "%",
            "_",
            "[",
            "*",
            "?",
            "'",
            "\"",
            "\\",
            " ",
            "-",
            "ä",
            "😀",
            "\uffff",
            "\ue000",
            "\U0010ffff",
            "x",
            "none",
        ];
        foreach (var prefix in prefixes)
        {
            var expected = UnusualNames.InOrder.Where(name => name.StartsWith(prefix, StringComparison.Ordinal));
            Expect.Same(expected, await List(probe, prefix, 3), $"streams with the prefix '{prefix}'");
        }
    }

    private static async Task With_state(StorageProbe probe)
    {
        await RemovalChecks.Prepare(probe);
        await probe.Append("c", ExpectedVersion.NoStream, Sample.Events(10, 3));
        await probe.Do(Sample.Remove(Sample.Removal("a", RemovalKind.Truncate, before: 2)));
        await probe.Do(Sample.Remove(Sample.Removal("b", RemovalKind.Delete)));
        await probe.Do(Sample.Remove(Sample.Removal("c", RemovalKind.Tombstone)));

        var listed = await probe.Log.ListStreams("", null, 10, probe.Cancel);

        Expect.Same(
            [("a", 5L, 2L, StreamState.Open), ("b", 1L, 2L, StreamState.Deleted)],
            listed.Take(2).Select(info => (info.Stream.Value, info.Version, info.FirstVersion, info.State)),
            "the first streams");
        Expect.Equal(
            ("c", 3L, StreamState.Closed),
            (listed[2].Stream.Value, listed[2].Version, listed[2].State),
            "the closed stream");
    }

    private static async Task Fill(StorageProbe probe)
    {
        foreach (var (index, name) in UnusualNames.All.Index())
            await probe.Append(name, ExpectedVersion.NoStream, Sample.Event(index));
    }

    private static async Task<List<string>> List(StorageProbe probe, string prefix, int limit)
    {
        var all = new List<string>();
        while (true)
        {
            var page = await probe.Log.ListStreams(prefix, all.Count == 0 ? null : all[^1], limit, probe.Cancel);
            Expect.True(page.Count <= limit, $"a page of at most {limit} streams has {page.Count}");
            all.AddRange(page.Select(info => info.Stream.Value));
            Expect.True(all.Count <= UnusualNames.All.Count, "the pages do not end");
            if (page.Count == 0)
                return all;
        }
    }
}

using System.Globalization;
using Millrace.Sqlite.Names;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

public sealed class NameTests : IDisposable
{
    private const int Streams = 600;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_cached_name_is_correct_or_missing()
    {
        var cache = new NumberCache<string>(1_024);
        long[] numbers = [.. Enumerable.Range(0, 5_000).Select(i => i * 7L), 1L << 40, long.MaxValue];
        foreach (var number in numbers)
            cache.Add(number, Text(number));

        var hits = 0;
        foreach (var number in numbers)
        {
            if (!cache.TryGet(number, out var text))
                continue;
            Assert.Equal(Text(number), text);
            hits++;
        }
        Assert.Equal(1_024, hits); // Every slot keeps its last name.
        Assert.False(cache.TryGet(1_000_003, out _));
    }

    [Fact]
    public async Task Names_of_several_threads_are_never_mixed_up()
    {
        var cache = new NumberCache<string>(512);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(first => Task.Run(() =>
        {
            for (var number = (long)first; number < 100_000; number += 3)
            {
                cache.Add(number, Text(number));
                if (cache.TryGet(number - 1, out var text))
                    Assert.Equal(Text(number - 1), text);
            }
        })));
    }

    [Fact]
    public async Task Events_of_many_streams_have_their_stream_names_from_any_first_position()
    {
        await using (var storage = await TestData.Open(_directory["shop.db"]))
        {
            for (var i = 1; i <= Streams; i++)
                await storage.Commit(TestData.Append(Name(i), TestData.Event()));
        }
        await using var reader = await TestData.Open(_directory["shop.db"]);

        foreach (var from in new[] { 300, 450, 1 })
        {
            var page = await reader.Log.ReadLog(new LogPageQuery(EventFilter.All, from, false, 1_000), TestData.Cancel);
            Assert.Equal(Streams - from + 1, page.Events.Count);
            Assert.All(page.Events, recorded => Assert.Equal(Name((int)recorded.Position), recorded.Stream.Value));
        }
        var streamPage = await reader.Log.ReadStream(
            new StreamPageQuery(new StreamId(Name(7)), 1, false, 10), TestData.Cancel);
        Assert.Equal(Name(7), Assert.Single(streamPage.Events).Stream.Value);
    }

    private static string Name(int number) => $"order-{number:D4}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

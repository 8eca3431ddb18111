using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Model.Tests.Aggregates;

public sealed class HotStreamsTests
{
    /// <summary>Puts and takes of eight streams give what a list of the least recently used gives.</summary>
    [Fact]
    public void It_keeps_the_latest_up_to_its_capacity() => Prop.ForAll(
        Gen.Choose(0, 15).ArrayOf().ToArbitrary(),
        Gen.Choose(0, 4).ToArbitrary(),
        (operations, capacity) =>
        {
            var streams = new HotStreams(capacity);
            var model = new List<(StreamId Stream, object State)>();
            foreach (var operation in operations)
            {
                var stream = new StreamId($"s-{operation % 8}");
                if (operation < 8)
                {
                    var state = new object();
                    streams.Put(stream, state);
                    model.RemoveAll(kept => kept.Stream == stream);
                    model.Add((stream, state));
                    if (model.Count > capacity)
                        model.RemoveAt(0);
                }
                else
                {
                    var expected = model.Find(kept => kept.Stream == stream).State;
                    model.RemoveAll(kept => kept.Stream == stream);
                    if (!ReferenceEquals(expected, streams.Take(stream)))
                        return false;
                }
                if (streams.Count != model.Count)
                    return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task What_one_command_holds_no_other_gets()
    {
        var streams = new HotStreams(100);
        var stream = new StreamId("s-1");
        var holders = 0;
        streams.Put(stream, new object());

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                if (streams.Take(stream) is not { } state)
                    continue;
                Assert.Equal(1, Interlocked.Increment(ref holders));
                Interlocked.Decrement(ref holders);
                streams.Put(stream, state);
            }
        })));

        Assert.Equal(1, streams.Count);
    }
}

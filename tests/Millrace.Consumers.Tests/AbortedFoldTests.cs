using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Tests that an aborted batch leaves no state in the workers that folded its events.</summary>
public sealed class AbortedFoldTests
{
    private const int Ships = 64;
    private const int Events = 512; // Several workers fold more than 256 events.

    [Fact]
    public async Task State_of_an_aborted_batch_is_not_written_later()
    {
        var gate = new Gate { IsClosed = true };
        await using var store = await EventStore.Open(new InMemoryStorage(), Harbour.Types);
        for (var i = 0; i < Events; i++)
            await store.Append(
                Harbour.StreamOf($"s{i % Ships}"),
                ExpectedVersion.Any,
                [new Loaded($"s{i % Ships}", 1)]);
        var events = new List<RecordedEvent>();
        await foreach (var recorded in store.ReadLog(EventFilter.All))
            events.Add(recorded);
        var options = new ConsumerOptions { Workers = 4 };
        var work = Harbour.Cargo(create: () => new GatedProjection(gate)).CreateProcessor(store, options, "cargo@1")!;
        await work.Prepare(CancellationToken.None);

        await work.Start(0, CancellationToken.None);
        await Assert.ThrowsAsync<EventFailedException>(() =>
            work.Handle(events, Lines(), CancellationToken.None).AsTask());
        gate.IsClosed = false;
        await work.Start(0, CancellationToken.None);
        await work.Handle(events, Lines(), CancellationToken.None);
        var written = (await work.Collect()).SelectMany(part => part.Documents).ToArray();

        Assert.Equal(Ships, written.Length);
        Assert.Equal(Ships, written.DistinctBy(change => change.Key).Count());

        BlockedKeys Lines() =>
            new(
                "cargo@1",
                new FailureRules(
                    FailurePolicy.Default.System<NotSupportedException>(),
                    isPure: true,
                    options,
                    new Random(1),
                    TimeProvider.System),
                options);
    }

    private sealed class Gate
    {
        public volatile bool IsClosed;
    }

    private sealed class GatedProjection(Gate gate) : Projection<string, Cargo>
    {
        private readonly CargoProjection _cargo = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            _cargo.CollectKeys(recorded, keys);

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded) =>
            key == "s7" && gate.IsClosed
                ? throw new NotSupportedException("The door is closed.")
                : _cargo.Fold(key, document, recorded);
    }
}

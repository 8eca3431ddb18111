using System.Text.Json;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Tests of the events that record a step of a replay.</summary>
public sealed class DeadLetterStepTests
{
    [Fact]
    public async Task A_step_of_many_dead_letters_with_long_keys_is_split_into_events_within_the_size_limit()
    {
        const int DeadLetterCount = 500;
        var longKey = new string('ü', 500);
        await using var store = await EventStore.Open(new InMemoryStorage(), Harbour.Types);
        for (var i = 1; i <= DeadLetterCount; i++)
            await store.Append(Harbour.StreamOf($"s{i}"), ExpectedVersion.Any, [new Loaded($"s{i}", -1)]);
        var letters = Enumerable.Range(1, DeadLetterCount).Select(i => Parked(i, $"{longKey}{i}"));
        await store.Commit(
            new CommitRequest { DeadLetters = [.. letters.Select(letter => new DeadLetterChange(letter))] },
            isBackground: false,
            default);

        var replayed = await DeadLetters
            .Of(store)
            .Replay(
                new DeadLetterQuery(),
                DeadLetterAction.Skip,
                new DeadLetterNote("ada", "because"),
                new() { Step = DeadLetterCount }
            );

        Assert.Equal((DeadLetterCount, 0), (replayed.Decided, replayed.Conflicted));
        var audited = await store.ReadStream(new StreamId("$dead-letters")).ToListAsync();
        Assert.All(audited, recorded => Assert.InRange(recorded.Payload.Length, 1, new EventLimits().MaxPayloadBytes));
        Assert.Equal(
            Enumerable.Range(1, DeadLetterCount).Select(i => $"{longKey}{i}"),
            audited
                .SelectMany(recorded =>
                    JsonElement.Parse(recorded.Payload.Span).GetProperty("letters").EnumerateArray())
                .Select(letter => letter.GetProperty("key").GetString()));
    }

    private static DeadLetter Parked(int position, string key) => new()
    {
        Consumer = "cargo@1",
        Position = position,
        Key = key,
        Stream = Harbour.StreamOf($"s{position}"),
        Version = 1,
        EventType = "ship.loaded",
        EventId = Guid.CreateVersion7(),
        State = DeadLetterState.Parked,
    };
}

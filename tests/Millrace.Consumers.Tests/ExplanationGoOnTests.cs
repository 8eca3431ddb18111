using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Searched in parts, each going on where the one before stopped, a value is explained as it is when searched at once.</summary>
public sealed class ExplanationGoOnTests
{
    private const int MostParts = 100;

    private static readonly DateTimeOffset Ten = new(2026, 1, 1, 10, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _time = new(Ten);

    [Theory]
    [InlineData("ship", 1)]
    [InlineData("crates", 12)]
    public async Task The_last_change_is_told_also_when_an_earlier_part_found_it(string member, long position)
    {
        await using var store = await Store([.. Enumerable.Range(1, 25).Select(i => new Loaded("ada", i <= 12 ? 1 : 0))]);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow()));

        var part = await InParts(explanations, $"cargo/ada.{member}");
        var none = await InParts(explanations, $"cargo/ada.{member}", most: 0);
        var whole = await explanations.Explain($"cargo/ada.{member}");

        Assert.Equal((position, whole.Value, whole.ChangeCount), (part.Answer?.Event.Position, part.Value, part.ChangeCount));
        Assert.Equal((21, 1), (part.SearchedFrom, whole.SearchedFrom));
        Assert.Equal((whole.Answer!.Before, whole.Answer.After), (part.Answer!.Before, part.Answer.After));
        Assert.Equal(whole.Answer.Rules, part.Answer.Rules);
        Assert.Equal(whole.Answer.Event.Data, part.Answer.Event.Data);
        Assert.Single(part.Changes);
        Assert.Empty(none.Changes);
    }

    [Fact]
    public async Task Letters_and_failures_of_earlier_parts_are_not_lost()
    {
        await using var store = await Store([.. Enumerable.Range(1, 25).Select(_ => new Loaded("ada", 1))]);
        await Park(store, Letter(1, DeadLetterState.Corrected) with { EditedPayload = """{"ship":"ada","crates":7}"""u8.ToArray() });
        await Park(store, Letter(4, DeadLetterState.Skipped));
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow(document =>
            document.Last == 3 ? throw new InvalidOperationException("A third one does not fit.") : document)));

        var part = await InParts(explanations, "cargo/ada.ship");
        var whole = await explanations.Explain("cargo/ada.ship");

        Assert.Equal((1, 2, 23), (whole.FailureCount, whole.LetterCount, whole.Events));
        Assert.Equal((1, 2, 23), (part.FailureCount, part.LetterCount, part.Events));
        Assert.Equal(whole.Letters.Select(letter => letter.Id), part.Letters.Select(letter => letter.Id));
        Assert.Equal((1, true), (part.Answer!.Event.Position, part.Answer.IsCorrected));
        Assert.Equal(7, ((Loaded)part.Answer.Event.Data).Crates);
    }

    [Fact]
    public async Task Where_the_event_of_the_last_change_is_gone_it_is_searched_again()
    {
        await using var store = await Store([.. Enumerable.Range(1, 25).Select(_ => new Loaded("ada", 1))]);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow()));
        var options = new ExplanationOptions { TimeLimit = TimeSpan.FromSeconds(10) };
        options.GoOnFrom = (await explanations.Explain("cargo/ada.ship", options)).Continuation;
        await store.Truncate(Harbour.StreamOf("ada"), 2, "too old", "eve");

        var refused = await Assert.ThrowsAsync<InvalidNameException>(() => explanations.Explain("cargo/ada.ship", options));

        Assert.Contains("search again without it", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<Explanation> InParts(Explanations explanations, string path, int most = 20)
    {
        var options = new ExplanationOptions { TimeLimit = TimeSpan.FromSeconds(10), Most = most };
        var part = await explanations.Explain(path, options);
        for (var i = 1; !part.IsComplete && i < MostParts; i++)
        {
            options.GoOnFrom = part.Continuation;
            part = await explanations.Explain(path, options);
        }
        Assert.True(part.IsComplete, "It does not come to the end.");
        return part;
    }

    private static DeadLetter Letter(long position, DeadLetterState state) => new()
    {
        Consumer = "cargo@1",
        Position = position,
        Key = "ada",
        Stream = Harbour.StreamOf("ada"),
        Version = position,
        EventType = "ship.loaded",
        EventId = Guid.CreateVersion7(),
        State = state,
    };

    private static Task Park(EventStore store, DeadLetter letter) => store.Commit(
        new CommitRequest { DeadLetters = [new DeadLetterChange(letter)] }, isBackground: false, CancellationToken.None);

    private async Task<EventStore> Store(IReadOnlyList<Loaded> events, IStorage? storage = null)
    {
        var store = await EventStore.Open(storage ?? new InMemoryStorage(_time), Harbour.Types, time: _time);
        foreach (var loaded in events)
            await store.Append(Harbour.StreamOf(loaded.Ship), ExpectedVersion.Any, [loaded]);
        return store;
    }

    /// <summary>Takes a second for each event that is folded.</summary>
    private ProjectionDefinition<string, Cargo> Slow(Func<Cargo, Cargo>? change = null) =>
        Harbour.Cargo(create: () => new Stowing(_time, change ?? (static document => document)));

    private sealed class Stowing(ManualTimeProvider time, Func<Cargo, Cargo> change) : Projection<string, Cargo>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(((Loaded)recorded.Data).Ship);

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            var crates = (document?.Crates ?? 0) + ((Loaded)recorded.Data).Crates;
            return change(new Cargo(key, crates, (document?.Changes ?? 0) + 1, recorded.Version));
        }
    }
}

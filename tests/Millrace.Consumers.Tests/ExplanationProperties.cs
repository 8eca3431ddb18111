using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Whatever the history, an explanation gives the values that folding all of it step by step gives.</summary>
public sealed class ExplanationProperties
{
    private static readonly string[] Ships = ["ada", "bob", "cid"];

    [Fact]
    public void The_values_of_a_member_are_those_of_a_naive_fold() =>
        Prop.ForAll(Histories().ToArbitrary(), history => Check(history).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    private static Gen<History> Histories()
    {
        var change = from ship in Gen.Elements(Ships)
                     from kind in Gen.Frequency((6, Gen.Constant(0)), (4, Gen.Constant(1)), (1, Gen.Constant(2)), (1, Gen.Constant(3)))
                     from crates in Gen.Choose(0, 3)
                     select new Change(ship, kind, crates);
        return from changes in change.ListOf(40)
               from until in Gen.Choose(0, 45)
               from lifecycle in Gen.Elements(
                   ProjectionLifecycle.Asynchronous, ProjectionLifecycle.Inline, ProjectionLifecycle.Live)
               select new History([.. changes], until, lifecycle);
    }

    private static async Task<bool> Check(History history)
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), Harbour.Types, new StoreOptions { PageEvents = 7 });
        foreach (var change in history.Changes)
            await store.Append(Harbour.StreamOf(change.Ship), ExpectedVersion.Any, [change.Event]);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Harbour.Cargo(history.Lifecycle)));
        foreach (var ship in Ships)
        {
            var options = new ExplanationOptions { Most = 10_000, Until = history.Until };
            var found = await explanations.ExplainDocument("cargo", ship, "crates", options);
            var expected = Naive(history, ship);
            var told = found.Changes.Reverse().Select(change => (change.Event.Position, change.After)).ToList();
            if (!told.SequenceEqual(expected) || found.Value != expected.LastOrDefault().Value)
                throw new InvalidOperationException($"{ship}: told {string.Join(' ', told)}, expected {string.Join(' ', expected)}.");
        }
        return true;
    }

    /// <summary>What the crates are after each event that changes them.</summary>
    private static List<(long Position, string? Value)> Naive(History history, string ship)
    {
        var values = new List<(long, string?)>();
        int? crates = null;
        for (var i = 0; i < history.Changes.Count && i < history.Until; i++)
        {
            var change = history.Changes[i];
            if (change.Ship != ship)
                continue;
            var next = change.Kind switch
            {
                0 => (crates ?? 0) + change.Crates,
                1 => (crates ?? 0) - change.Crates,
                2 => null,
                _ => crates, // Fails, and is left out.
            };
            if (next != crates)
                values.Add((i + 1, next?.ToString(CultureInfo.InvariantCulture)));
            crates = next;
        }
        return values;
    }

    private sealed record History(IReadOnlyList<Change> Changes, int Until, ProjectionLifecycle Lifecycle);

    private sealed record Change(string Ship, int Kind, int Crates)
    {
        public object Event => Kind switch
        {
            0 => new Loaded(Ship, Crates),
            1 => new Unloaded(Ship, Crates),
            2 => new Scrapped(Ship),
            _ => new Loaded(Ship, -1),
        };
    }
}

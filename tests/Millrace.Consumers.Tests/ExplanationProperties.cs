using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Whatever the history, an explanation gives the values that folding all of it step by step gives.</summary>
public sealed class ExplanationProperties
{
    private const int Delete = 4;

    private static readonly string[] Ships = ["ada", "bob", "cid"];

    [Fact]
    public void The_values_of_a_member_are_those_of_a_naive_fold() =>
        Prop.ForAll(Histories().ToArbitrary(), history => Check(history).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    private static Gen<History> Histories()
    {
        var change = from ship in Gen.Elements(Ships)
                     from kind in Gen.Frequency(
                         (6, Gen.Constant(0)), (4, Gen.Constant(1)), (1, Gen.Constant(2)), (1, Gen.Constant(3)), (1, Gen.Constant(Delete)))
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
        var time = new ManualTimeProvider();
        await using var store = await EventStore.Open(
            new InMemoryStorage(time), Harbour.Types, new StoreOptions { PageEvents = 7 }, time);
        foreach (var change in history.Changes)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            var stream = Harbour.StreamOf(change.Ship);
            if (change.Kind != Delete)
                await store.Append(stream, ExpectedVersion.Any, [change.Event]);
            else if (await store.GetStream(stream) is { State: StreamState.Open })
                await store.Delete(stream, ExpectedVersion.Any, "again");
        }
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

    /// <summary>
    /// What the crates are after each event that changes them; of documents of one stream since the last deletion that counts.
    /// </summary>
    private static List<(long Position, string? Value)> Naive(History history, string ship)
    {
        var values = new List<(long, string?)>();
        int? crates = null;
        var (position, isDeleted) = (0, false);
        foreach (var change in history.Changes)
        {
            if (change.Kind == Delete)
            {
                isDeleted |= change.Ship == ship && history.Lifecycle != ProjectionLifecycle.Asynchronous;
                continue;
            }
            if (++position > history.Until)
                break;
            if (isDeleted)
            {
                values.Clear(); // A later event than the deletion counts, so the deletion does as well.
                (crates, isDeleted) = (null, false);
            }
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
                values.Add((position, next?.ToString(CultureInfo.InvariantCulture)));
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

using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Property tests. For any history, an explanation returns the same values as a step-by-step fold.</summary>
public sealed class ExplanationProperties
{
    private const int Delete = 4;

    private static readonly string[] Ships = ["ada", "bob", "cid"];

    [Fact]
    public void The_values_of_a_member_equal_a_simple_fold() =>
        Prop.ForAll(Histories().ToArbitrary(), history => Check(history).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void A_search_in_parts_equals_a_single_search() =>
        Prop.ForAll(Histories().ToArbitrary(), Gen.Choose(1, 12).ToArbitrary(), (history, seconds) =>
            CheckParts(history with { Lifecycle = ProjectionLifecycle.Asynchronous }, seconds).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void A_partial_comparison_is_a_subset_of_the_complete_one() =>
        Prop.ForAll(Histories().ToArbitrary(), Gen.Choose(1, 40).ToArbitrary(), (history, seconds) =>
            CheckComparison(history, seconds).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    private static Gen<History> Histories()
    {
        var change =
            from ship in Gen.Elements(Ships)
            from kind in Gen.Frequency(
                (6, Gen.Constant(0)),
                (4, Gen.Constant(1)),
                (1, Gen.Constant(2)),
                (1, Gen.Constant(3)),
                (1, Gen.Constant(Delete)))
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
        await using var store = await Store(history, new ManualTimeProvider());
        var explanations = Explanations.Of(store, ExplanationTests.Model(Harbour.Cargo(history.Lifecycle)));
        foreach (var ship in Ships)
        {
            var options = new ExplanationOptions { Most = 10_000, Until = history.Until };
            var found = await explanations.ExplainDocument("cargo", ship, "crates", options);
            var expected = ExpectedBySearch(history, ship);
            var actual = found.Changes.Reverse().Select(change => (change.Event.Position, change.After)).ToList();
            if (!actual.SequenceEqual(expected) || found.Value != expected.LastOrDefault().Value)
                throw new InvalidOperationException(
                    $"{ship}: actual {string.Join(' ', actual)}, expected {string.Join(' ', expected)}.");
        }
        return true;
    }

    private static async Task<bool> CheckParts(History history, int seconds)
    {
        var time = new ManualTimeProvider();
        await using var store = await Store(history, time);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow(time, history.Lifecycle)));
        foreach (var path in Ships.SelectMany(ship => (string[])[$"cargo/{ship}", $"cargo/{ship}.crates"]))
        {
            var complete = await explanations.Explain(
                path, new ExplanationOptions { Most = 100, TimeLimit = TimeSpan.FromHours(1) });
            var options = new ExplanationOptions { Most = 100, TimeLimit = TimeSpan.FromSeconds(seconds) };
            var (part, parts) = (await explanations.Explain(path, options), 1);
            var changes = part.Changes.Reverse().ToList();
            for (; !part.IsComplete && parts < 100; parts++)
            {
                options.Continuation = part.Continuation;
                part = await explanations.Explain(path, options);
                changes.AddRange(part.Changes.Reverse().Where(change => change.Event.Position >= part.SearchedFrom));
            }
            var (actual, expected) = (Describe(part, changes), Describe(complete, [.. complete.Changes.Reverse()]));
            if (actual != expected)
                throw new InvalidOperationException($"{path} in {parts} parts: actual {actual}, expected {expected}.");
        }
        return true;
    }

    private static string Describe(Explanation found, IReadOnlyList<ValueChange> changes) =>
        $"{found.Key}.{found.Member} {found.IsComplete} {found.Value} {found.Exists} "
            + $"{found.Events} {found.ChangeCount} "
        + $"{found.FailureCount} {Describe(found.Answer)} of {string.Join(", ", changes.Select(Describe))}";

    private static string Describe(ValueChange? change) =>
        change is null
            ? "none"
            : $"{change.Event.Position} {change.Before} -> {change.After} by {string.Join('+', change.Rules)}";

    private static async Task<bool> CheckComparison(History history, int seconds)
    {
        var time = new ManualTimeProvider();
        await using var store = await Store(history, time);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow(time, history.Lifecycle)));
        var (before, after) = (HistoryMoment.At(history.Until / 3), HistoryMoment.At(history.Until));
        foreach (var ship in Ships)
        {
            var stream = Harbour.StreamOf(ship);
            var complete = Describe(await explanations.Compare(stream, before, after, TimeSpan.FromHours(1)));
            var limited = await explanations.Compare(stream, before, after, TimeSpan.FromSeconds(seconds));
            var actual = Describe(limited);
            var isMissing =
                actual.Count + limited.NotCompared.Count < complete.Count
                || (limited.IsComplete && actual.Count < complete.Count);
            if (isMissing || !actual.All(complete.Contains))
                throw new InvalidOperationException(
                    $"{ship}: actual {string.Join(", ", actual)}, expected {string.Join(", ", complete)}.");
        }
        return true;
    }

    private static IReadOnlyCollection<string> Describe(EntityDifference found) => [.. found.Changes.Select(change =>
        $"{change.ReadModel}/{change.Key} {change.Kind} {string.Join(' ', change.Fields)}")];

    private static async Task<EventStore> Store(History history, ManualTimeProvider time)
    {
        var store = await EventStore.Open(
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
        return store;
    }

    /// <summary>Returns a projection that advances the clock by a second for each folded event.</summary>
    private static ProjectionDefinition<string, Cargo> Slow(ManualTimeProvider time, ProjectionLifecycle lifecycle) =>
        Harbour.Cargo(lifecycle, create: () => new SlowCargo(time));

    /// <summary>
    /// Returns the number of crates after each event that changes it. For documents of one stream, only events after
    /// the last effective deletion count.
    /// </summary>
    private static List<(long Position, string? Value)> ExpectedBySearch(History history, string ship)
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
                values.Clear(); // The deletion is effective, because an event follows.
                (crates, isDeleted) = (null, false);
            }
            if (change.Ship != ship)
                continue;
            var next = change.Kind switch
            {
                0 => (crates ?? 0) + change.Crates,
                1 => (crates ?? 0) - change.Crates,
                2 => null,
                _ => crates, // The fold fails, and the event is ignored.
            };
            if (next != crates)
                values.Add((position, next?.ToString(CultureInfo.InvariantCulture)));
            crates = next;
        }
        return values;
    }

    private sealed class SlowCargo(ManualTimeProvider time) : Projection<string, Cargo>
    {
        private readonly CargoProjection _cargo = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            _cargo.CollectKeys(recorded, keys);

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return _cargo.Fold(key, document, recorded);
        }
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

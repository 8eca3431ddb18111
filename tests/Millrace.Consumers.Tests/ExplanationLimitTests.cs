using Millrace.Explaining;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests that a search over a long history stops at its time limit with a partial result, and can be
/// continued.</summary>
public sealed class ExplanationLimitTests
{
    private static readonly DateTimeOffset StartTime = new(2026, 1, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_search_stops_at_its_limit_and_continues_to_the_same_answer()
    {
        var time = new ManualTimeProvider(StartTime);
        await using var store = await Store(time, events: 25);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow(time)));
        var options = new ExplanationOptions { TimeLimit = TimeSpan.FromSeconds(10), Most = 100 };

        var first = await explanations.Explain("cargo/ada.crates", options);
        options.Continuation = first.Continuation;
        var second = await explanations.Explain("cargo/ada.crates", options);
        options.Continuation = second.Continuation;
        var third = await explanations.Explain("cargo/ada.crates", options);
        var complete = await explanations.Explain("cargo/ada.crates", new ExplanationOptions { Most = 100 });

        Assert.Equal(
            (10, 25, false, "10", 10), (first.Position, first.Until, first.IsComplete, first.Value, first.ChangeCount));
        Assert.Equal(
            (20, 25, false, "20", 20),
            (second.Position, second.Until, second.IsComplete, second.Value, second.ChangeCount));
        Assert.Equal(
            (25, 25, true, "25", 25), (third.Position, third.Until, third.IsComplete, third.Value, third.ChangeCount));
        Assert.Equal(StoredValueState.NotCompared, first.Stored.State);
        Assert.Null(third.Continuation);
        Assert.Equal(
            (complete.Value, complete.Events, complete.ChangeCount), (third.Value, third.Events, third.ChangeCount));
        Assert.Equal(
            complete.Changes.Select(change => (change.Event.Position, change.Before, change.After)),
            new[] { third, second, first }.SelectMany(part => part.Changes)
                .Select(change => (change.Event.Position, change.Before, change.After)));
    }

    [Fact]
    public async Task Reading_an_earlier_part_again_has_a_limit_of_its_own()
    {
        var time = new ManualTimeProvider(StartTime);
        await using var store = await Store(time, events: 50);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow(time)));
        var first = await explanations.Explain(
            "cargo/ada.crates", new ExplanationOptions { TimeLimit = TimeSpan.FromSeconds(40) });

        var refused = await Assert.ThrowsAsync<InvalidNameException>(() => explanations.Explain(
            "cargo/ada.crates", new ExplanationOptions { Continuation = first.Continuation }));

        Assert.Null(first.NoContinuation);
        Assert.Contains("with a longer limit", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_within_its_limit_is_complete()
    {
        var time = new ManualTimeProvider(StartTime);
        await using var store = await Store(time, events: 25);

        var found = await Explanations.Of(store, ExplanationTests.Model(Slow(time))).Explain("cargo/ada.crates");

        Assert.Equal((25, 25, true, "25"), (found.Position, found.Until, found.IsComplete, found.Value));
        Assert.Null(found.Continuation);
    }

    [Fact]
    public async Task An_invalid_continuation_is_refused()
    {
        var time = new ManualTimeProvider(StartTime);
        await using var store = await Store(time, events: 25);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow(time)));
        var limit = TimeSpan.FromSeconds(5);
        var stopped = await explanations.Explain("cargo/ada.crates", new ExplanationOptions { TimeLimit = limit });
        var ranges = new PositionRanges();
        ranges.Add(9, 9); // After the position.
        var wrongRanges = new SearchContinuation
        {
            Value = SearchContinuation.DigestOf("cargo@1", "ada", "crates"),
            Position = 5,
            Events = ranges,
        }.ToText();

        foreach (var (path, point) in ((string, string?)[])
                [
                    ("cargo/bob.crates", stopped.Continuation),
                    ("cargo/ada.changes", stopped.Continuation),
                    ("cargo/ada", stopped.Continuation),
                    ("cargo/ada.crates", "nonsense"),
                    ("cargo/ada.crates", "AAAA"),
                    ("cargo/ada.crates", new string('A', 5_000)),
                    ("cargo/ada.crates", wrongRanges),
                ]
        )
        {
            var refused = await Assert.ThrowsAsync<InvalidNameException>(
                () => explanations.Explain(path, new ExplanationOptions { Continuation = point }));
            Assert.Contains("or search without it", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3_601_000)]
    public async Task A_limit_out_of_its_range_is_refused(int milliseconds)
    {
        await using var store = await Store(new ManualTimeProvider(StartTime), events: 1);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Harbour.Cargo()));
        var limit = TimeSpan.FromMilliseconds(milliseconds);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => explanations.Explain("cargo/ada", new ExplanationOptions { TimeLimit = limit }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => explanations.Show(Harbour.StreamOf("ada"), HistoryMoment.Now, limit));
    }

    [Fact]
    public async Task A_view_and_a_comparison_stop_at_their_limit_and_report_their_position()
    {
        var time = new ManualTimeProvider(StartTime);
        await using var store = await Store(time, events: 25);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow(time)));

        var view = await explanations.Show(Harbour.StreamOf("ada"), HistoryMoment.Now, TimeSpan.FromSeconds(10));
        var compared = await explanations.Compare(
            Harbour.StreamOf("ada"), HistoryMoment.At(5), HistoryMoment.Now, TimeSpan.FromSeconds(12));
        var complete = await explanations.Show(Harbour.StreamOf("ada"), HistoryMoment.Now);

        Assert.Equal((25, 10, false), (view.Position, view.SearchedTo, view.IsComplete));
        Assert.Contains("\"crates\":10", Assert.Single(view.Documents).Value, StringComparison.Ordinal);
        Assert.Equal(
            (true, false, false), (compared.Before.IsComplete, compared.After.IsComplete, compared.IsComplete));
        Assert.Equal((25, true), (complete.SearchedTo, complete.IsComplete));
    }

    [Theory]
    [InlineData(ProjectionLifecycle.Asynchronous, 3, 0, 3)]
    [InlineData(ProjectionLifecycle.Asynchronous, 12, 5, 12)]
    [InlineData(ProjectionLifecycle.Live, 12, 5, 7)]
    public async Task Incomplete_documents_are_named_and_not_compared(
        ProjectionLifecycle lifecycle, int seconds, int before, int after)
    {
        var time = new ManualTimeProvider(StartTime);
        await using var store = await Store(time, events: 25);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow(time, lifecycle: lifecycle)));

        var limited = await explanations.Compare(
            Harbour.StreamOf("ada"), HistoryMoment.At(5), HistoryMoment.Now, TimeSpan.FromSeconds(seconds));
        var complete = await explanations.Compare(
            Harbour.StreamOf("ada"), HistoryMoment.At(5), HistoryMoment.Now, TimeSpan.FromSeconds(60));

        Assert.False(limited.IsComplete);
        Assert.Equal((before == 5, after), (limited.Before.IsComplete, (int)limited.After.SearchedTo));
        Assert.Empty(limited.Changes);
        Assert.Equal(new EntityPart("cargo", "ada"), Assert.Single(limited.NotCompared));
        Assert.True(complete.IsComplete);
        Assert.Empty(complete.NotCompared);
        Assert.Contains(
            Assert.Single(complete.Changes).Fields,
            field => (field.Path, field.Before, field.After) == ("crates", "5", "25"));
    }

    [Theory]
    [InlineData(ProjectionLifecycle.Inline)]
    [InlineData(ProjectionLifecycle.Live)]
    public async Task The_document_of_one_stream_stops_at_its_limit_as_well(ProjectionLifecycle lifecycle)
    {
        var time = new ManualTimeProvider(StartTime);
        await using var store = await Store(time, events: 25);

        var found = await Explanations.Of(store, ExplanationTests.Model(Slow(time, lifecycle: lifecycle))).Explain(
            "cargo/ada.crates", new ExplanationOptions { TimeLimit = TimeSpan.FromSeconds(10) });

        Assert.Equal((10, 25, false, "10"), (found.Position, found.Until, found.IsComplete, found.Value));
        Assert.Null(found.Continuation);
        Assert.Contains("with a longer limit", found.NoContinuation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_another_search_does_not_count_as_search_time()
    {
        var time = new ManualTimeProvider(StartTime);
        await using var store = await Store(time, events: 3);
        var (search, taken) = (new SearchTimeBudget(time, TimeSpan.FromSeconds(10)), 0);
        var otherSearch = await SearchThrottle.Take(CancellationToken.None);
        search.Start(); // A view also reads its stream before it searches the log.
        time.Advance(TimeSpan.FromSeconds(4));

        var searching = LogScanner.Run(store, ["ship.loaded"], 1, 3, search, null, Take, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(20));
        otherSearch.Dispose();

        Assert.Equal(3, await searching);
        Assert.Equal(3, taken);
        Assert.False(search.IsOver);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(search.IsOver);

        ValueTask<long?> Take(IReadOnlyList<RecordedEvent> events)
        {
            taken += events.Count;
            return new(search.IsOver ? events[0].Position : default(long?));
        }
    }

    [Fact]
    public async Task A_cancellation_stops_the_search_at_the_current_event()
    {
        await using var store = await Store(new ManualTimeProvider(StartTime), events: 900);
        using var cancelling = new CancellationTokenSource();
        var (searched, gate) = (0, new Lock());
        var watched = Harbour.Cargo(create: () => new ObservedProjection(() =>
        {
            lock (gate) // The lock stops the search between the fifth event and the cancellation.
            {
                if (++searched == 5)
                    cancelling.Cancel();
            }
        }));
        var explanations = Explanations.Of(store, ExplanationTests.Model(watched));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => explanations.Explain("cargo/ada.crates", cancellationToken: cancelling.Token));

        Assert.InRange(searched, 5, 5 + Environment.ProcessorCount);
        Assert.Equal("900", (await explanations.Explain("cargo/ada.crates")).Value); // The next search is not affected.
    }

    private static async Task<EventStore> Store(TimeProvider time, int events)
    {
        var store = await EventStore.Open(new InMemoryStorage(time), Harbour.Types, time: time);
        for (var i = 1; i <= events; i++)
            await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", 1)]);
        return store;
    }

    /// <summary>Returns a projection that advances the clock by a second for each folded event.</summary>
    private static ProjectionDefinition<string, Cargo> Slow(
        ManualTimeProvider time,
        Func<Cargo, Cargo>? change = null,
        ProjectionLifecycle lifecycle = ProjectionLifecycle.Asynchronous) =>
        Harbour.Cargo(
            lifecycle,
            create: () =>
                new AlteredProjection(document =>
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                    return change is null ? document : change(document);
                })
        );

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private sealed class AlteredProjection(Func<Cargo, Cargo> change) : Projection<string, Cargo>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(((Loaded)recorded.Data).Ship);

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
        {
            var before = document ?? new Cargo(key, 0, 0, 0);
            return change(before with
            {
                Crates = before.Crates + ((Loaded)recorded.Data).Crates,
                Changes = before.Changes + 1,
                Last = recorded.Version,
            });
        }
    }

    private sealed class ObservedProjection(Action searched) : Projection<string, Cargo>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
        {
            searched();
            keys.Add(((Loaded)recorded.Data).Ship);
        }

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded) =>
            new(key, (document?.Crates ?? 0) + ((Loaded)recorded.Data).Crates, 0, 0);
    }
}

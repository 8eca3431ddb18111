using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Tests of the view of a stream at a time. Later deletions and decisions have no effect, and earlier ones do.
/// </summary>
public sealed class PointInTimeEntityTests
{
    private static readonly DateTimeOffset Ten = new(2024, 1, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_deletion_takes_effect_at_its_own_time_and_not_at_the_next_event()
    {
        var time = new ManualTimeProvider(Ten);
        await using var store = await EventStore.Open(new InMemoryStorage(time), Harbour.Types, time: time);
        await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, [new Loaded("ada", 3)]);
        time.Advance(TimeSpan.FromMinutes(5));
        await store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.Any, "sold", "eve");
        time.Advance(TimeSpan.FromMinutes(55));
        await store.Append(Harbour.StreamOf("bob"), ExpectedVersion.NoStream, [new Loaded("bob", 1)]);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Harbour.Cargo()));

        var before = await explanations.Show(Harbour.StreamOf("ada"), HistoryMoment.At(Ten.AddMinutes(4)));
        var halfPast = await explanations.Show(Harbour.StreamOf("ada"), HistoryMoment.At(Ten.AddMinutes(30)));

        Assert.True(before.Exists);
        Assert.False(halfPast.Exists);
        var removal = Assert.Single(halfPast.Removals);
        Assert.Equal(
            (RemovalKind.Delete, "sold", "eve", Ten.AddMinutes(5)),
            (removal.Kind, removal.Reason, removal.User, removal.At));
    }

    [Fact]
    public async Task A_deletion_after_the_last_event_has_no_effect_before_its_time()
    {
        var time = new ManualTimeProvider(Ten);
        await using var store = await EventStore.Open(new InMemoryStorage(time), Harbour.Types, time: time);
        await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, [new Loaded("ada", 3)]);
        time.Advance(TimeSpan.FromHours(1));
        await store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.Any, "sold");
        var explanations = Explanations.Of(store, ExplanationTests.Model(Harbour.Cargo()));

        var halfPast = await explanations.Show(Harbour.StreamOf("ada"), HistoryMoment.At(Ten.AddMinutes(30)));
        var first = await explanations.Show(Harbour.StreamOf("ada"), 1);
        var now = await explanations.Show(Harbour.StreamOf("ada"));

        Assert.Equal((true, 1L, true), (halfPast.Exists, halfPast.Version, first.Exists));
        Assert.Equal("""{"ship":"ada","crates":3,"changes":1,"last":1}""", halfPast.Documents[0].Value);
        Assert.False(now.Exists);
    }

    [Fact]
    public async Task A_deletion_at_the_time_of_the_last_event_follows_that_event()
    {
        var time = new ManualTimeProvider(Ten);
        await using var store = await EventStore.Open(new InMemoryStorage(time), Harbour.Types, time: time);
        await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, [new Loaded("ada", 3)]);
        await store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.Any, "sold");
        await store.Append(Harbour.StreamOf("bob"), ExpectedVersion.NoStream, [new Loaded("bob", 1)]);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Harbour.Cargo()));

        Assert.True((await explanations.Show(Harbour.StreamOf("ada"), 1)).Exists);
        Assert.False((await explanations.Show(Harbour.StreamOf("ada"), 2)).Exists);
        Assert.False((await explanations.Show(Harbour.StreamOf("ada"), HistoryMoment.At(Ten))).Exists);
    }

    [Theory]
    [InlineData(ProjectionLifecycle.Inline)]
    [InlineData(ProjectionLifecycle.Live)]
    public async Task Documents_of_a_stream_are_returned_before_its_deletion_and_not_after(
        ProjectionLifecycle lifecycle)
    {
        var cargo = Harbour.Cargo(lifecycle);
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, cargo));
        await node.Append("ada", new Loaded("ada", 3));
        await node.Store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.Any, "sold", "eve");
        var explanations = new Explanations(node.Host, ExplanationTests.Model(cargo));

        var shown = await explanations.Show(Harbour.StreamOf("ada"), 1);
        var explanation = await explanations.Explain("cargo/ada.crates", new ExplanationOptions { Until = 1 });
        var now = await explanations.Explain("cargo/ada.crates");
        var comparison = await explanations.Compare(Harbour.StreamOf("ada"), 1);

        Assert.Equal("""{"ship":"ada","crates":3,"changes":1,"last":1}""", Assert.Single(shown.Documents).Value);
        Assert.Equal(
            ("3", 1, StoredValueState.NotCompared),
            (explanation.Value, explanation.Events, explanation.Stored.State));
        Assert.Equal((null, 0), (now.Value, now.Events));
        Assert.Equal((RemovalKind.Delete, "eve"), (Assert.Single(now.Removals).Kind, now.Removals[0].User));
        Assert.Equal(
            ("cargo", "ada", DifferenceKind.Gone),
            Assert.Single(comparison.Changes.Select(change => (change.ReadModel, change.Key, change.Kind))));
        Assert.Equal("sold", Assert.Single(comparison.After.Removals).Reason);
    }

    [Fact]
    public async Task Documents_of_many_streams_outlive_a_deletion()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 3));
        await node.Store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.Any, "sold");
        var explanations = new Explanations(node.Host, ExplanationTests.Model(Harbour.Cargo()));

        var comparison = await explanations.Compare(Harbour.StreamOf("ada"), HistoryMoment.At(1), HistoryMoment.Now);

        Assert.Empty(comparison.Changes);
        Assert.Equal(comparison.Before.Documents, comparison.After.Documents);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => explanations.Compare(
            Harbour.StreamOf("ada"), HistoryMoment.At(Ten), HistoryMoment.At(Ten.AddHours(-1))));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => explanations.Show(Harbour.StreamOf("ada"), -1));
    }
}

using Millrace.Alerting;
using Millrace.Events;
using Millrace.Testing;
using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>Silences in a store.</summary>
public sealed class AlertSilenceTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow(); // The clock of the storages.

    [Fact]
    public async Task A_silence_is_stored_and_can_be_ended()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await AlertNode.Open(shared.Open(), Immediate);
        var silence = await node.Alerts.Silence(Of(Now, Now.AddDays(1)));
        await node.Evaluate(Now, AlertSamples.Of(11));
        await node.Send(Now);
        Assert.Empty(node.First.Notices);
        Assert.Equal(silence, Assert.Single(await node.Alerts.ListSilences()));
        await node.Alerts.EndSilence(silence.Id, "kim");
        await node.Evaluate(Now.AddMinutes(1), AlertSamples.Of(11));
        await node.Send(Now.AddMinutes(1));
        Assert.Equal(["Fired busy-1"], node.First.Items);
        await Assert.ThrowsAsync<AlertNotFoundException>(() => node.Alerts.EndSilence(silence.Id, "kim"));
    }

    [Fact]
    public async Task A_stored_silence_until_the_end_of_time_stops_nothing()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await AlertNode.Open(shared.Open(), Immediate);
        var endless = Of(Now, DateTimeOffset.MaxValue) with { Id = "endless", Rule = "another" };
        await new AlertLog(node.Store).Append(
            AlertEvents.Silenced, _ => new AlertNote { Silence = endless, By = "kim" }, default);
        await node.Alerts.Silence(Of(Now, Now.AddDays(1)) with { Rule = "third" });
        await node.Evaluate(Now, AlertSamples.Of(11));
        await node.Send(Now);
        Assert.Equal(["Fired busy-1"], node.First.Items);
        await node.Alerts.EndSilence("endless", "kim");
        Assert.Equal("third", Assert.Single(await node.Alerts.ListSilences()).Rule);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 367)]
    [InlineData(368, 369)]
    public async Task A_silence_has_a_near_start_and_a_near_end(int from, int to)
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await AlertNode.Open(shared.Open());
        await Assert.ThrowsAsync<ArgumentException>(() => node.Alerts.Silence(Of(Now.AddDays(from), Now.AddDays(to))));
        Assert.Empty(await node.Alerts.ListSilences());
    }

    [Fact]
    public async Task A_silence_without_a_start_starts_now_by_the_clock_of_the_storage()
    {
        var clock = new ManualTimeProvider(Start);
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty, time: clock);
        var alerts = Alerts.Of(store);
        var silence = Of(default, Start.AddDays(1));
        var byEnd = await alerts.Silence(silence);
        var byDuration = await alerts.Silence(silence, TimeSpan.FromHours(2));
        Assert.Equal((Start, Start.AddDays(1)), (byEnd.From, byEnd.To));
        Assert.Equal((Start, Start.AddHours(2)), (byDuration.From, byDuration.To));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => alerts.Silence(silence, TimeSpan.Zero));
    }

    private static AlertSilence Of(DateTimeOffset from, DateTimeOffset to) => new()
    {
        Rule = "busy",
        From = from,
        To = to,
        Reason = "maintenance",
        By = "kim",
    };
}

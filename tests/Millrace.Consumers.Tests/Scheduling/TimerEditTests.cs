using System.Text.Json;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>
/// Tests of edits of a timer's command. The new command is validated, and the former command is never sent in addition.
/// </summary>
public sealed class TimerEditTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [StoreKinds]
    public async Task The_edited_command_is_sent_once_at_the_edited_time_and_the_edit_is_recorded(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await BellNode.Start(shared.Open());
        await node.Timers.Set(new Ring("old"), Hour, new TimerOptions { Key = "a", By = "bob" });
        var handle = await node.Timers.Set(new Ring("old"), Hour);

        var kept = await node.Timers.Edit(
            "a", new TimerEdit { Body = Json("""{"name":"new"}"""), By = "ada", Reason = "misspelt" });
        await node.Timers.Edit("a", new TimerEdit { Due = DateTimeOffset.UtcNow, By = "ada" });
        await node.Timers.Edit(
            handle, new Chime("c", 0), new TimerEdit { Due = DateTimeOffset.UtcNow, Reason = "another" });
        await node.WaitForRings(2);
        await node.WaitForLastEvent("a", "timers.fired");
        await node.WaitForLastEvent(handle, "timers.fired");

        Assert.Equal(("ring", """{"name":"new"}""", "ada"), (kept.Command, kept.Body.GetRawText(), kept.By));
        Assert.InRange(kept.Due!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(50), Hour);
        Assert.Equal(["0", "new"], (await node.Rings()).Order());
        Assert.Equal(["timers.set", "timers.edited", "timers.edited", "timers.fired"], await node.EventTypes("a"));
        var entry = (await node.Timers.History("a"))[1];
        Assert.Equal(("edited", "ada", "misspelt"), (entry.Kind, entry.By, entry.Reason));
    }

    [Theory]
    [StoreKinds]
    public async Task An_invalid_command_is_refused_and_nothing_changes(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await BellNode.Start(shared.Open());
        await node.Timers.Set(new Ring("old"), Hour, new TimerOptions { Key = "a" });
        var due = DateTimeOffset.UtcNow;

        foreach (var (command, body, problem) in ((string?, string, string)[])[
            ("drum", """{"name":"new"}""", "drum"), (null, "[]", "object"), (null, """{"name":7}""", "name"),
            (null, """{"nam":"new"}""", "'nam'"),
            (null, "{}", "'name'"),
            ("chime", """{"key":"x","remaining":"y"}""", "remaining"),
            (null, """{"name":null}""",
                "must not be null"), ("wind", """{"key":"","due":"2031-12-05T10:00:00Z"}""", "must be specified")])
        {
            var edit = new TimerEdit { Command = command, Body = Json(body), Due = due };
            var refused = await Assert.ThrowsAsync<InvalidCommandException>(() => node.Timers.Edit("a", edit));
            Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
        }
        await Assert.ThrowsAsync<ArgumentException>(() => node.Timers.Edit("a", new TimerEdit { By = "ada" }));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Timers.Of(node.Store).Edit("a", new TimerEdit { Body = Json("""{"name":"new"}""") }));
        await Assert.ThrowsAsync<TimerNotFoundException>(() => node.Timers.Edit("b", new TimerEdit { Due = due }));

        Assert.Equal(["timers.set"], await node.EventTypes("a"));
        Assert.Equal("""{"name":"old"}""", (await node.Timers.Find("a"))!.Body.GetRawText());
    }

    [Theory]
    [StoreKinds]
    public async Task An_edit_during_the_handling_runs_only_the_new_command(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var firingNode = await BellNode.Start(shared.Open());
        await using var editingNode = await BellNode.Start(shared.Open(), options: all => all.IsEnabled = false);
        firingNode.Bell.WhileRinging = () => editingNode.Timers.Edit("a", new Ring("new"));

        await editingNode.Timers.Set(new Ring("old"), TimeSpan.Zero, new TimerOptions { Key = "a" });
        await editingNode.WaitForLastEvent("a", "timers.fired");

        Assert.Equal(["new"], await editingNode.Rings());
        Assert.Equal(2, firingNode.Bell.Tries.Distinct().Count()); // The edited command has a different id.
        Assert.Equal(["timers.set", "timers.edited", "timers.fired"], await editingNode.EventTypes("a"));
    }

    [Theory]
    [StoreKinds]
    public async Task A_timer_that_fired_or_was_set_again_before_the_commit_is_not_edited(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var firingNode = await BellNode.Start(shared.Open());
        var storage = new FaultyStorage(shared.Open());
        await using var editingNode = await BellNode.Start(storage, options: all => all.IsEnabled = false);
        foreach (var key in (string[])["fired", "anew", "moved"])
            await firingNode.Timers.Set(new Ring("old"), Hour, new TimerOptions { Key = key });

        storage.BeforeNextCommit = async () =>
        {
            await firingNode.Timers.Run("fired");
            await firingNode.WaitForLastEvent("fired", "timers.fired");
        };
        await Assert.ThrowsAsync<TimerNotFoundException>(() => editingNode.Timers.Edit("fired", new Ring("new")));
        storage.BeforeNextCommit = () =>
            firingNode.Timers.Set(new Ring("other"), Hour, new TimerOptions { Key = "anew" });
        await Assert.ThrowsAsync<DocumentConflictException>(() => editingNode.Timers.Edit("anew", new Ring("new")));
        storage.BeforeNextCommit = () => firingNode.Timers.Move("moved", DateTimeOffset.UtcNow + (2 * Hour));
        var moved = await editingNode.Timers.Edit("moved", new Ring("new"));

        Assert.Equal(["old"], await firingNode.Rings());
        Assert.Equal("""{"name":"other"}""", (await firingNode.Timers.Find("anew"))!.Body.GetRawText());
        Assert.True(moved.Due > DateTimeOffset.UtcNow + Hour);
    }

    [Theory]
    [StoreKinds]
    public async Task Timers_that_are_edited_while_they_become_due_send_one_command_each(StoreKind kind)
    {
        const int Count = 60;
        using var shared = await SharedStore.Create(kind);
        await using var first = await BellNode.Start(shared.Open());
        await using var second = await BellNode.Start(shared.Open());
        var due = DateTimeOffset.UtcNow.AddMilliseconds(400);
        for (var i = 0; i < Count; i++)
        {
            var options = new TimerOptions { Key = $"t{i}" };
            await first.Timers.Set(new Ring($"old-{i}"), due.AddMilliseconds(5 * i), options);
        }

        var expected = await Task.WhenAll(Enumerable.Range(0, Count).Select(async i =>
        {
            var editor = i % 2 == 0 ? first : second;
            try
            {
                for (var round = 0; round < 20; round++) // Until the timer has fired, or at most twenty times.
                    await editor.Timers.Edit($"t{i}", new Ring($"new-{i}-{round}"));
                return $"new-{i}-19";
            }
            catch (TimerNotFoundException)
            {
                return null; // The previous edit was the last one.
            }
        }));
        var rings = await first.WaitForRings(Count);
        await Eventually.Get(
            async () => (await first.Timers.List(new TimerQuery())).Timers.Count,
            count => count == 0,
            TestNode.WaitTimeout);

        rings = await first.Rings();
        Assert.Equal(Enumerable.Range(0, Count), rings.Select(name => int.Parse(name.Split('-')[1])).Order());
        Assert.All(expected.OfType<string>(), name => Assert.Contains(name, rings));
    }

    [Theory]
    [StoreKinds]
    public async Task A_held_timer_stays_held_until_it_gets_a_time_and_then_fires(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await BellNode.Start(shared.Open());
        (node.Bell.Error, node.Bell.Failures) = (new NotSupportedException("There is no such bell."), 1);
        await node.Timers.Set(new Ring("old"), TimeSpan.Zero, new TimerOptions { Key = "a" });
        await node.WaitForLastEvent("a", "timers.held");

        var held = await node.Timers.Edit("a", new Ring("new"));
        await node.Timers.Edit("a", new TimerEdit { Due = DateTimeOffset.UtcNow });
        await node.WaitForLastEvent("a", "timers.fired");

        Assert.True(held.IsHeld);
        Assert.Equal(["new"], await node.Rings());
    }

    private static JsonElement Json(string text)
    {
        using var parsed = JsonDocument.Parse(text);
        return parsed.RootElement.Clone();
    }
}

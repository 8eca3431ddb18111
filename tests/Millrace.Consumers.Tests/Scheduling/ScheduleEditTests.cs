using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Scheduling;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>Tests that an operator's edit of a schedule survives restarts and other builds until a reset.</summary>
public sealed class ScheduleEditTests
{
    private const string Yearly = "0 3 1 1 *";
    private static readonly DateTimeOffset May = new(2031, 5, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [StoreKinds]
    public async Task An_edit_survives_restarts_and_other_builds_until_it_is_reset(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await Start(shared, Yearly))
        {
            var edit = new ScheduleEdit
            {
                Cron = "30 6 * * *",
                TimeZone = "Europe/Berlin",
                Overlapping = OverlappingRuns.Queue,
                By = "ada",
                Reason = "the day begins later",
            };
            var edited = await Schedules(first).Edit("bell", edit);
            Assert.Equal(["05-01 04:30", "05-02 04:30", "05-03 04:30", "05-04 04:30", "05-05 04:30"], Times(edited));
        }
        // A deployment with other times and another rule for missed runs.
        await using var second = await Start(shared, "0 4 1 1 *", MissedRuns.All);
        var kept = await Eventually.Get(
            async () => (await Schedules(second).Find("bell"))!,
            found => found.Code?.Cron == "0 4 1 1 *",
            TestNode.WaitTimeout);
        var reset = await Schedules(second).Reset("bell", "bob", "as it was");
        var again = await Schedules(second).Reset("bell", "bob");

        Assert.Equal(
            ("30 6 * * *", "Europe/Berlin", OverlappingRuns.Queue), (kept.Cron, kept.TimeZone, kept.Overlapping));
        Assert.Equal(MissedRuns.All, kept.Missed); // Properties that were not edited follow the code.
        Assert.Equal(("ada", "the day begins later"), (kept.Edited!.By, kept.Edited.Reason));
        Assert.Equal(new ScheduleForm("0 4 1 1 *", "UTC", MissedRuns.All, OverlappingRuns.Skip), kept.Code);
        Assert.Equal("06:30", Berlin(kept.Next!.Value));
        Assert.Equal(("0 4 1 1 *", "UTC", null), (reset.Cron, reset.TimeZone, reset.Edited));
        Assert.Equal((1, 4), (reset.Next!.Value.Month, reset.Next.Value.Hour));
        Assert.Equal(reset.Next, again.Next);
        var story = await Schedules(second).History("bell");
        Assert.Equal(["defined", "edited", "reset"], story.Select(entry => entry.Kind));
        Assert.Equal([null, "ada", "bob"], story.Select(entry => entry.By));
        Assert.Equal([null, "the day begins later", "as it was"], story.Select(entry => entry.Reason));
    }

    [Theory]
    [StoreKinds]
    public async Task The_command_is_edited_on_several_nodes_and_each_time_is_run_once(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var first = await Start(shared, "* * * * * *");
        await using var second = await Start(shared, "* * * * * *");
        await first.WaitForRings(1);

        await Schedules(second).Edit("bell", new Ring("edited"), new ScheduleEdit { By = "ada" });
        var before = (await first.Rings()).Count; // Every later run uses the edited command.
        for (var i = 0; i < 20; i++) // Some edits happen during a run.
            await Schedules(i % 2 == 0 ? first : second)
                .Edit("bell", new Ring("edited"), new ScheduleEdit { Missed = MissedRuns.Once });
        var rings = await first.WaitForRings(before + 2);
        await Schedules(second).Pause("bell");
        // There are no runs after the pause.
        var runs = (await Schedules(second).History("bell")).Where(entry => entry.Kind == "run").ToList();

        Assert.All(rings.Skip(before), name => Assert.Equal("edited", name));
        Assert.Equal((await first.Rings()).Count, runs.Count);
        Assert.Equal(runs.Select(run => run.DueBefore).Distinct(), runs.Select(run => run.DueBefore));
    }

    [Theory]
    [StoreKinds]
    public async Task A_removed_schedule_is_still_removed_after_deployments_and_can_be_restored(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await Start(shared, Yearly))
        {
            await Schedules(first).Edit("bell", new ScheduleEdit { Cron = "0 5 1 1 *" });
            var removed = await Schedules(first).Remove("bell", "ada", "no more bells");
            Assert.Equal((true, null, "no more bells"), (removed.IsRemoved, removed.Next, removed.Removed!.Reason));
        }
        // Without the removal, the schedule would run each second.
        await using var second = await Start(shared, "* * * * * *");
        var stillRemoved = await Eventually.Get(
            async () => (await Schedules(second).Find("bell"))!,
            found => found.Code?.Cron == "* * * * * *",
            TestNode.WaitTimeout);
        await Assert.ThrowsAsync<ScheduleRefusedException>(() => Schedules(second).Run("bell"));
        await Assert.ThrowsAsync<ScheduleRefusedException>(() =>
            Schedules(second).Edit("bell", new ScheduleEdit { Cron = Yearly }));
        var restored = await Schedules(second).Restore("bell", "bob");
        await Assert.ThrowsAsync<ScheduleRefusedException>(() => Schedules(second).Restore("bell"));
        await Schedules(second).Remove("bell");
        var reset = await Schedules(second).Reset("bell");
        await second.WaitForRings(1);

        Assert.Equal((true, null), (stillRemoved.IsRemoved, stillRemoved.Next));
        Assert.Equal((false, "0 5 1 1 *", 5), (restored.IsRemoved, restored.Cron, restored.Next!.Value.Hour));
        Assert.Equal((false, "* * * * * *"), (reset.IsRemoved, reset.Cron));
    }

    [Theory]
    [StoreKinds]
    public async Task A_schedule_added_at_run_time_runs_without_code_and_can_be_removed_permanently(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules()))
        {
            await WaitForSchedules(first);
            await Schedules(first)
                .Add("chimes", "* * * * * *", new Ring("added"), new ScheduleEdit { By = "ada", Reason = "a feast" });
            await first.WaitForRings(1);
        }
        await using var second = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules());
        await second.WaitForRings((await second.Rings()).Count + 1);
        var found = await Schedules(second).Find("chimes");
        await Assert.ThrowsAsync<ScheduleRefusedException>(() =>
            Schedules(second).Add("chimes", Yearly, new Ring("x")));
        await Assert.ThrowsAsync<ScheduleRefusedException>(() => Schedules(second).Reset("chimes"));
        await Schedules(second).Edit("chimes", new ScheduleEdit { Cron = Yearly });
        await Schedules(second).Remove("chimes", "ada", "the feast is over");

        Assert.Equal(
            (true, "ring", "ada", "a feast"), (found!.IsAdded, found.Command, found.Edited!.By, found.Edited.Reason));
        Assert.Null(found.Code);
        Assert.Empty(await Schedules(second).List());
        await Assert.ThrowsAsync<ScheduleNotFoundException>(() => Schedules(second).Remove("chimes"));
        var story = (await Schedules(second).History("chimes"))
            .Select(entry => entry.Kind)
            .Where(entryKind => entryKind != "run");
        Assert.Equal(["added", "edited", "removed"], story);
        Assert.Null((await Schedules(second).Add("chimes", Yearly, new Ring("x"))).LastTime);
    }

    [Theory]
    [StoreKinds]
    public async Task A_schedule_removed_from_the_code_stops_and_its_edit_holds_when_it_returns(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await Start(shared, Yearly))
            await Schedules(first).Edit("bell", new Ring("edited"), new ScheduleEdit { Cron = "* * * * * *" });
        await using (var without = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules()))
        {
            var gone = await Eventually.Get(
                async () => (await Schedules(without).Find("bell"))!,
                found => found.Error is not null,
                TestNode.WaitTimeout);
            Assert.Contains("not in the build", gone.Error, StringComparison.Ordinal);
            Assert.Equal((null, null, "* * * * * *"), (gone.Code, gone.Next, gone.Cron));
            await Assert.ThrowsAsync<ScheduleRefusedException>(() => Schedules(without).Reset("bell"));
            await Assert.ThrowsAsync<ScheduleRefusedException>(() =>
                Schedules(without).Edit("bell", new ScheduleEdit { Cron = Yearly }));
        }
        await using (var back = await Start(shared, Yearly))
        {
            var rings = (await back.Rings()).Count;
            Assert.Equal("edited", (await back.WaitForRings(rings + 1))[^1]);
            Assert.Null((await Schedules(back).Find("bell"))!.Error);
        }
        await using var last = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules());
        await Eventually.Get(
            async () => (await Schedules(last).Find("bell"))!, found => found.Error is not null, TestNode.WaitTimeout);
        await Schedules(last).Remove("bell");
        Assert.Empty(await Schedules(last).List());
    }

    [Theory]
    [StoreKinds]
    public async Task An_added_schedule_overrides_later_code_until_it_is_reset(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules()))
        {
            await WaitForSchedules(first);
            await Schedules(first).Add("bell", "0 5 1 1 *", new Ring("added"));
        }
        await using var second = await Start(shared, Yearly);
        var both = await Eventually.Get(
            async () => (await Schedules(second).Find("bell"))!, found => found.Code is not null, TestNode.WaitTimeout);
        var reset = await Schedules(second).Reset("bell");
        await Schedules(second).Run("bell");

        Assert.Equal(("0 5 1 1 *", Yearly, true), (both.Cron, both.Code!.Cron, both.IsAdded));
        Assert.Equal((Yearly, false, null), (reset.Cron, reset.IsAdded, reset.Command));
        Assert.Equal(["code"], await second.WaitForRings(1));
    }

    [Theory]
    [StoreKinds]
    public async Task An_invalid_schedule_is_refused_and_nothing_changes(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await Start(shared, Yearly);
        var schedules = Schedules(node);

        foreach (var edit in (ScheduleEdit[])[
            new() { Cron = "soon" }, new() { Cron = "0 0 30 2 *" }, new() { TimeZone = "Europe/Atlantis" }])
            await Assert.ThrowsAsync<InvalidValueException>(() => schedules.Edit("bell", edit));
        await Assert.ThrowsAsync<InvalidCommandException>(() =>
            schedules.Edit("bell", new ScheduleEdit { Command = "drum" }));
        await Assert.ThrowsAsync<InvalidCommandException>(() =>
            schedules.Edit("bell", new ScheduleEdit { Command = "ring" }));
        await Assert.ThrowsAsync<ScheduleRefusedException>(() =>
            schedules.Edit("bell", new ScheduleEdit { Body = TimerStore.NoMembers }));
        await Assert.ThrowsAsync<ArgumentException>(() => schedules.Edit("bell", new ScheduleEdit { By = "ada" }));
        await Assert.ThrowsAsync<ScheduleNotFoundException>(() =>
            schedules.Edit("drum", new ScheduleEdit { Cron = Yearly }));
        await Assert.ThrowsAsync<InvalidNameException>(() => schedules.Add("No Name", Yearly, new Ring("x")));
        await Assert.ThrowsAsync<ArgumentException>(() => schedules.Add("chimes", new ScheduleEdit { Cron = Yearly }));
        await Assert.ThrowsAsync<InvalidValueException>(() => schedules.Add("chimes", "soon", new Ring("x")));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Millrace.Schedules.Of(node.Store).Add("chimes", Yearly, new Ring("x")));

        Assert.Equal(["defined"], (await schedules.History("bell")).Select(entry => entry.Kind));
        Assert.Null(Assert.Single(await schedules.List()).Edited);
    }

    [Fact]
    public async Task A_command_that_another_build_cannot_send_is_reported_and_the_next_time_runs()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Skip, (_, at) => new Ring($"{at:HH:mm}"));
        using var body = JsonDocument.Parse("{}");
        await harness.Change(record => record with
        {
            Edit = new ScheduleOverride
            {
                Command = "forgotten",
                Body = body.RootElement.Clone(),
                Decision = new ScheduleDecision("ada", null, ScheduleTestHarness.At("07:00")),
            },
        });
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        await harness.RunDue();
        var failed = await harness.Schedules.Find("bell");

        await harness.Decide(all => all.Reset("bell"));
        harness.Time.Advance(TimeSpan.FromHours(1));
        await harness.RunDue();

        Assert.Contains("forgotten", failed!.Error, StringComparison.Ordinal);
        Assert.Equal(ScheduleTestHarness.At("09:00"), failed.Next);
        Assert.Equal(["09:00"], await harness.Rings());
    }

    [Fact]
    public async Task A_requested_run_is_kept_when_the_times_are_edited()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Skip, (_, at) => new Ring($"{at:HH:mm}"));
        await harness.Schedules.Run("bell", "ada");

        await harness.Decide(all => all.Edit("bell", new ScheduleEdit { Cron = "30 * * * *" }));
        await harness.RunDue();

        Assert.Equal(["07:59"], await harness.Rings());
        Assert.Equal(ScheduleTestHarness.At("08:30"), (await harness.Schedules.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_time_that_ran_on_a_fast_clock_does_not_run_again_after_an_edit()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Skip, (_, at) => new Ring($"{at:HH:mm}"));
        // The current time is a minute before 08:00.
        await harness.Change(record => record with { LastTime = ScheduleTestHarness.At("08:00") });

        var edited = await harness.Schedules.Edit("bell", new ScheduleEdit { Cron = "*/30 * * * *" });

        Assert.Equal(ScheduleTestHarness.At("08:30"), edited.Next);
    }

    [Theory]
    [StoreKinds]
    public async Task An_added_schedule_that_is_now_in_the_code_stays_removed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules()))
        {
            await WaitForSchedules(first);
            await Schedules(first).Add("bell", "0 5 1 1 *", new Ring("added"));
        }
        await using (var second = await Start(shared, "* * * * * *"))
            Assert.True((await Schedules(second).Remove("bell", "ada")).IsRemoved);
        await using (var third = await Start(shared, "* * * * * *"))
        {
            Assert.True((await Schedules(third).Find("bell"))!.IsRemoved);
            Assert.Equal("0 5 1 1 *", (await Schedules(third).Restore("bell")).Cron); // The added schedule is restored.
            await Schedules(third).Remove("bell");
        }
        await using var without = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules());
        await WaitUntilMissingInCode(without);
        await Assert.ThrowsAsync<ScheduleRefusedException>(() => Schedules(without).Reset("bell"));
        // The code does not contain the schedule, so it is removed permanently.
        await Schedules(without).Remove("bell");

        Assert.Empty(await Schedules(without).List());
        Assert.Empty(await without.Rings());
    }

    [Theory]
    [StoreKinds]
    public async Task A_schedule_missing_in_the_code_is_reported_before_its_time_and_can_be_removed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        DateTimeOffset? next;
        await using (var first = await Start(shared, Yearly))
            next = (await Schedules(first).Find("bell"))!.Next;
        await using (var without = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules()))
        {
            var gone = await WaitUntilMissingInCode(without);
            Assert.Equal((null, null), (gone.Code, gone.Next));
            await Assert.ThrowsAsync<ScheduleRefusedException>(() => Schedules(without).Run("bell"));
        }
        await using (var back = await Start(shared, Yearly)) // As if nodes of both builds alternate.
        {
            var again = (await Schedules(back).Find("bell"))!;
            Assert.Equal((next, null), (again.Next, again.Error));
            Assert.Equal(["defined"], (await Schedules(back).History("bell")).Select(entry => entry.Kind));
            await Schedules(back).Remove("bell", "ada");
        }
        await using var last = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules());
        Assert.True((await WaitUntilMissingInCode(last)).IsRemoved);
        await Assert.ThrowsAsync<ScheduleRefusedException>(() => Schedules(last).Restore("bell"));
        await Schedules(last).Remove("bell", "ada");

        Assert.Empty(await Schedules(last).List());
    }

    [Theory]
    [StoreKinds]
    public async Task An_added_schedule_without_a_next_time_gets_one_on_a_node_with_its_time_zone(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules()))
        {
            await WaitForSchedules(first);
            await Schedules(first).Add("chimes", Yearly, new Ring("added"));
            var found = (await first.Store.Storage.Documents.Get(ScheduleStore.Name, "chimes", default))!;
            var stopped = ScheduleStore.Read(found) with { Due = null, Time = null, Error = "no such zone" };
            await first.Store.Append(
                ScheduleStore.AddTo(new AppendRequest(), "chimes", stopped, found.Version, null, new TimerNote()));
        }
        await using var second = await BellNode.Start(shared.Open(), configure: millrace => millrace.AddSchedules());

        await Eventually.Get(
            async () => (await Schedules(second).Find("chimes"))!,
            schedule => schedule.Next is not null,
            TestNode.WaitTimeout);
    }

    private static Schedules Schedules(BellNode node) => node.Services.GetRequiredService<Schedules>();

    /// <summary>Waits until a node has reported that its build does not contain the schedule.</summary>
    private static Task<ScheduleInfo> WaitUntilMissingInCode(BellNode node) => Eventually.Get(
        async () => (await Schedules(node).Find("bell"))!,
        found => found.Error?.Contains("not in the build", StringComparison.Ordinal) == true, TestNode.WaitTimeout);

    private static async Task<BellNode> Start(SharedStore shared, string cron, MissedRuns missed = MissedRuns.Once)
    {
        var node = await BellNode.Start(
            shared.Open(),
            configure: millrace =>
                millrace.AddSchedule("bell", cron, _ => new Ring("code"), schedule => schedule.Missed = missed));
        await Eventually.Get(
            async () => await Schedules(node).Find("bell"), found => found?.Code is not null, TestNode.WaitTimeout);
        return node;
    }

    /// <summary>Waits until the node has created the collection of schedules.</summary>
    private static async Task WaitForSchedules(BellNode node) =>
        await Eventually.Get(
            async () => await node.Store.Storage.Documents.List(default),
            all => all.Any(info => info.Definition.Name == "schedules"),
            TestNode.WaitTimeout);

    private static IEnumerable<string> Times(ScheduleInfo schedule) => schedule.NextTimes(May, 5)
        .Select(time => time.ToUniversalTime().ToString("MM-dd HH:mm", CultureInfo.InvariantCulture));

    private static string Berlin(DateTimeOffset time)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        return TimeZoneInfo.ConvertTime(time, zone).ToString("HH:mm", CultureInfo.InvariantCulture);
    }
}

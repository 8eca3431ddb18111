using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Events;
using Millrace.Scheduling;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>Tests of schedules with a stored cron expression that this version refuses.</summary>
public sealed class StoredCronTests
{
    [Theory]
    [StoreKinds]
    public async Task A_stored_expression_that_is_refused_is_shown_with_its_reason_and_the_other_schedules_run(
        StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await Start(shared))
        {
            await Eventually.Get(() => ListSchedules(first), all => all.Count == 1, TestNode.WaitTimeout);
            await Store(first, "chimes", record => record with { IsAdded = true, Edit = Edited("*/90 * * * *") });
            await Store(
                first,
                "never",
                record => record with { IsAdded = true, Edit = Edited("0 0 31 2 *"), Due = null, Time = null }
            );
            await Store(
                first,
                "late",
                record => record with { IsAdded = true, Edit = Edited("0 */36 * * *"), IsPaused = true }
            );
        }

        await using var second = await Start(shared);
        var rings = (await second.Rings()).Count;
        await second.WaitForRings(rings + 1);
        var all = await Eventually.Get(
            () => ListSchedules(second),
            found => found.Count(schedule => schedule is { Next: null, Error: not null }) == 3,
            TestNode.WaitTimeout);

        Assert.Equal(["bell", "chimes", "late", "never"], all.Select(schedule => schedule.Name));
        Assert.Contains(
            "'*/90 * * * *' is not a valid cron expression: the step of '*/90' in the minutes",
            all[1].Error,
            StringComparison.Ordinal);
        Assert.Contains(
            "'0 */36 * * *' is not a valid cron expression: the step of '*/36' in the hours",
            all[2].Error,
            StringComparison.Ordinal);
        Assert.Contains(
            "'0 0 31 2 *' is not a valid cron expression: it never occurs", all[3].Error, StringComparison.Ordinal);
        Assert.All(all.Skip(1), schedule => Assert.Empty(schedule.NextTimes(DateTimeOffset.UtcNow, 5)));
        Assert.Null(all[0].Error);
    }

    [Fact]
    public async Task A_stored_expression_that_is_refused_is_corrected_by_an_edit()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using (var first = await Start(shared))
        {
            await Eventually.Get(() => ListSchedules(first), all => all.Count == 1, TestNode.WaitTimeout);
            await Store(first, "chimes", record => record with { IsAdded = true, Edit = Edited("*/90 * * * *") });
        }
        await using var second = await Start(shared);
        var schedules = second.Services.GetRequiredService<Schedules>();
        await Eventually.Get(
            async () => (await schedules.Find("chimes"))!, schedule => schedule.Next is null, TestNode.WaitTimeout);

        await Assert.ThrowsAsync<InvalidValueException>(() =>
            schedules.Edit("chimes", new ScheduleEdit { Missed = MissedRuns.All }));
        var corrected = await schedules.Edit("chimes", new ScheduleEdit { Cron = "0 */2 * * *" });

        Assert.Null(corrected.Error);
        Assert.NotNull(corrected.Next);
    }

    [Fact]
    public async Task An_edit_of_the_codes_schedule_that_is_refused_waits_until_it_is_reset()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Skip, (_, at) => new Ring($"{at:HH:mm}"));
        await harness.Change(record => record with { Cron = "*/90 * * * *", Edit = Edited("*/90 * * * *") });

        harness.Time.Advance(TimeSpan.FromHours(3));
        await harness.RunDue();
        var refused = await harness.Schedules.Find("bell");
        await harness.Decide(all => all.Reset("bell"));
        harness.Time.Advance(TimeSpan.FromHours(1));
        await harness.RunDue();

        Assert.Contains("is out of range", refused!.Error, StringComparison.Ordinal);
        Assert.Null(refused.Next);
        Assert.Equal(["11:00"], await harness.Rings());
    }

    [Theory]
    [InlineData("*/90 * * * *")]
    [InlineData("0 0 31 2 *")]
    public async Task An_expression_that_is_refused_is_not_registered_added_or_edited(string cron)
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(shared);
        var schedules = node.Services.GetRequiredService<Schedules>();
        await Eventually.Get(() => ListSchedules(node), all => all.Count == 1, TestNode.WaitTimeout);

        await Assert.ThrowsAsync<InvalidValueException>(() => schedules.Edit("bell", new ScheduleEdit { Cron = cron }));
        await Assert.ThrowsAsync<InvalidValueException>(() => schedules.Add("chimes", cron, new Ring("x")));
        Assert.Throws<FormatException>(() => new ServiceCollection().AddMillrace(
            millrace => millrace.AddSchedule("chimes", cron, _ => new Ring("x"))));

        Assert.Equal("* * * * * *", Assert.Single(await schedules.List()).Cron);
    }

    private static Task<BellNode> Start(SharedStore shared) => BellNode.Start(
        shared.Open(), configure: millrace => millrace.AddSchedule("bell", "* * * * * *", _ => new Ring("code")));

    private static async Task<IReadOnlyList<ScheduleInfo>> ListSchedules(BellNode node) =>
        await node.Services.GetRequiredService<Schedules>().List();

    /// <summary>Stores a schedule as an earlier version did.</summary>
    private static Task<AppendResult> Store(BellNode node, string name, Func<ScheduleRecord, ScheduleRecord> change)
    {
        var due = DateTimeOffset.UtcNow.AddHours(1);
        var plain = ScheduleRecord.Of(new ScheduleForm("0 * * * *", "UTC", MissedRuns.Once, OverlappingRuns.Skip)) with
        {
            Due = due,
            Time = due,
        };
        var record = change(plain);
        return node.Store.Append(
            ScheduleStore.AddTo(
                new AppendRequest(),
                name,
                record with
                {
                    Cron = record.Edit!.Cron!,
                },
                0,
                PlatformEvents.ScheduleAdded,
                new TimerNote()));
    }

    private static ScheduleOverride Edited(string cron)
    {
        using var body = JsonDocument.Parse("""{"name":"stored"}""");
        return new ScheduleOverride
        {
            Cron = cron,
            TimeZone = "UTC",
            Command = "ring",
            Body = body.RootElement.Clone(),
            Decision = new ScheduleDecision("ada", null, DateTimeOffset.UnixEpoch),
        };
    }
}

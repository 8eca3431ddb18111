using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Orders;

namespace Millrace.Cli.Tests;

/// <summary>
/// Tests that the tool edits the timers and schedules of a running shop, with commands that its build knows.
/// </summary>
public sealed class ScheduleEditTests : IAsyncLifetime, IDisposable
{
    private const string PlaceOrderBody = """{"order":"added","amount":10}""";
    // Every file has a folder.
    private static readonly string Build = Path.GetDirectoryName(Tool.ProgramFile("Examples.Shop"))!;

    private readonly Tool _tool = new();
    private IHost? _host;

    public async Task InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .AddTimers()
            .AddSchedule("report", "0 3 1 1 *", _ => new PlaceOrder(OrderId.Parse("report", null), 5))
            .AddModel<Shop.Sales>()
            .ConfigureConsumers(consumers => consumers.LookEvery = TimeSpan.FromMilliseconds(50)));
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
    }

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_command_of_a_timer_is_edited_and_an_unknown_command_or_member_is_refused()
    {
        var timers = _host!.Services.GetRequiredService<Timers>();
        await timers.Set(
            new PlaceOrder(OrderId.Parse("old", null), 1), TimeSpan.FromHours(1), new TimerOptions { Key = "one" });

        var body = """{"order":"new","amount":7}""";
        var edited = (
            await _tool.RunOk(
                "timers",
                "edit",
                "one",
                "--body",
                body,
                "--build",
                Build,
                "--by",
                "ada",
                "--reason",
                "misspelt",
                "--json")).Json;
        var unknown = await _tool.Run("timers", "edit", "one", "--command", "drum", "--body", "{}", "--build", Build);
        var unread = await _tool.Run(
            "timers", "edit", "one", "--body", """{"ordr":"x","amount":1}""", "--build", Build);
        var noJson = await _tool.Run("timers", "edit", "one", "--body", "soon", "--build", Build);
        var nothing = await _tool.Run("timers", "edit", "one", "--reason", "none");
        await _tool.RunOk("timers", "edit", "one", "--due", DateTimeOffset.UtcNow.ToString("O"));
        await _tool.RunUntil(["timers", "list", "--json"], run => run.Json.GetArrayLength() == 0);
        var placed = await _tool.RunOk("read", "order-new");
        var shown = await _tool.RunOk("timers", "show", "one");

        Assert.Equal("new", edited.GetProperty("body").GetProperty("order").GetString());
        Assert.Equal((1, 1, 2, 2), (unknown.ExitCode, unread.ExitCode, noJson.ExitCode, nothing.ExitCode));
        Assert.Contains("'drum'", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("'ordr'", unread.Error, StringComparison.Ordinal);
        Assert.Contains("order.placed", placed.Output, StringComparison.Ordinal);
        Assert.Contains("misspelt", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schedules_are_edited_compared_with_the_code_removed_restored_and_reset()
    {
        await _tool.RunUntil(["schedules", "--json"], run => run.Json.GetArrayLength() == 1);

        var edited = (
            await _tool.RunOk(
                "schedules",
                "edit",
                "report",
                "--cron",
                "30 6 5 5 *",
                "--zone",
                "Europe/Berlin",
                "--missed",
                "all",
                "--overlapping",
                "queue",
                "--by",
                "ada",
                "--reason",
                "later",
                "--json")).Json;
        var next = (await _tool.RunOk("schedules", "next", "report", "--json")).Json.GetProperty("nextTimes");
        var text = await _tool.RunOk("schedules", "show", "report");
        var table = await _tool.RunOk("schedules", "list");
        var wrong = await _tool.Run("schedules", "edit", "report", "--cron", "soon");
        var nothing = await _tool.Run("schedules", "edit", "report", "--by", "ada");
        await _tool.RunOk("schedules", "remove", "report", "--reason", "no more");
        var removed = await _tool.RunOk("schedules", "list");
        var refused = await _tool.Run("schedules", "pause", "report");
        var restored = (await _tool.RunOk("schedules", "restore", "report", "--json")).Json;
        var reset = (await _tool.RunOk("schedules", "reset", "report", "--json")).Json;

        Assert.Equal("0 3 1 1 *", edited.GetProperty("code").GetProperty("cron").GetString());
        Assert.Equal(
            ("all", "queue"),
            (edited.GetProperty("missed").GetString(), edited.GetProperty("overlapping").GetString()));
        Assert.All(
            next.EnumerateArray(),
            time => Assert.Equal((5, 5), (time.GetDateTimeOffset().Month, time.GetDateTimeOffset().Day)));
        Assert.Contains("It was edited by ada", text.Output, StringComparison.Ordinal);
        Assert.Contains("The code specifies '0 3 1 1 *', UTC", text.Output, StringComparison.Ordinal);
        Assert.Contains("edited", table.Output, StringComparison.Ordinal); // The table can wrap this text.
        Assert.Contains("ada;", table.Output, StringComparison.Ordinal);
        Assert.Equal((1, 2, 1), (wrong.ExitCode, nothing.ExitCode, refused.ExitCode));
        Assert.Contains("removed", removed.Output, StringComparison.Ordinal);
        Assert.Equal("30 6 5 5 *", restored.GetProperty("cron").GetString());
        Assert.Equal(
            ("0 3 1 1 *", false), (reset.GetProperty("cron").GetString(), reset.TryGetProperty("edited", out _)));
    }

    [Fact]
    public async Task An_added_schedule_is_run_and_removed_permanently()
    {
        await _tool.RunUntil(["schedules", "--json"], run => run.Json.GetArrayLength() == 1);

        var added = (
            await _tool.RunOk(
                "schedules",
                "add",
                "chimes",
                "--cron",
                "0 3 1 1 *",
                "--command",
                "place-order",
                "--body",
                PlaceOrderBody,
                "--build",
                Build,
                "--json")).Json;
        var twice = await _tool.Run(
            "schedules",
            "add",
            "chimes",
            "--cron",
            "0 3 1 1 *",
            "--command",
            "place-order",
            "--body",
            PlaceOrderBody,
            "--build",
            Build);
        var withoutCommand = await _tool.Run("schedules", "add", "other", "--cron", "0 3 1 1 *");
        await _tool.RunOk("schedules", "run-now", "chimes");
        await _tool.RunUntil(["schedules", "--json"], run => run.Json[0].TryGetProperty("lastRunAt", out _));
        var placed = await _tool.RunOk("read", "order-added");
        var text = await _tool.RunOk("schedules", "show", "chimes");
        await _tool.RunOk("schedules", "remove", "chimes");
        var missing = await _tool.Run("schedules", "show", "chimes");

        Assert.True(added.GetProperty("isAdded").GetBoolean());
        Assert.Contains("order.placed", placed.Output, StringComparison.Ordinal);
        Assert.Contains("It sends place-order", text.Output, StringComparison.Ordinal);
        Assert.Equal((1, 2, 3), (twice.ExitCode, withoutCommand.ExitCode, missing.ExitCode));
    }
}

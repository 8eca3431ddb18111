using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Cli.Tests;

/// <summary>Tests the commands that show and change timers, schedules and processes.</summary>
public sealed partial class SenderCommandTests : IAsyncLifetime, IDisposable
{
    private readonly Tool _tool = new();
    private IHost? _host;

    public async Task InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .AddTimers()
            .AddSchedule("report", "0 3 1 1 *", _ => new MakeCall("report"))
            .AddModel(model => model
                .Event("call.asked", 1, Json.Default.CallAsked)
                .Event("call.made", 1, Json.Default.CallMade)
                .Event("call.answered", 1, Json.Default.Answered)
                .Command(new CommandDefinition<MakeCall, Nothing>("make-call", Handle))
                .Process(new ProcessDefinition<string>("call", 1, new Calling()))
                .Json(Json.Default))
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
    public async Task Timers_are_listed_edited_run_and_canceled()
    {
        var timers = _host!.Services.GetRequiredService<Timers>();
        await timers.Set(new MakeCall("one"), TimeSpan.FromHours(1), new TimerOptions { Key = "one", By = "ada" });
        await timers.Set(new MakeCall("two"), TimeSpan.FromHours(2), new TimerOptions { Key = "two" });

        var all = (await _tool.RunOk("timers", "--json")).Json;
        var table = await _tool.RunOk("timers", "list");
        var edited = (
            await _tool.RunOk("timers", "edit", "two", "--due", "2031-12-05T10:00:00Z", "--by", "bob", "--json")).Json;
        await _tool.RunOk("timers", "cancel", "two", "--reason", "not needed");
        await _tool.RunOk("timers", "run", "one");
        await _tool.RunUntil(["timers", "list", "--json"], run => run.Json.GetArrayLength() == 0);
        var stream = await _tool.RunOk("read", "$timer-one");
        var shown = (await _tool.RunOk("timers", "show", "two", "--json")).Json;
        var text = await _tool.RunOk("timers", "show", "one");

        Assert.Equal(["one", "two"], all.EnumerateArray().Select(timer => timer.GetProperty("key").GetString()));
        Assert.Contains("make-call", table.Output, StringComparison.Ordinal);
        Assert.StartsWith("2031-12-05T10:00", edited.GetProperty("due").GetString(), StringComparison.Ordinal);
        Assert.Contains("timers.fired", stream.Output, StringComparison.Ordinal);
        Assert.Equal(["set", "moved", "cancelled"], HistoryOf(shown));
        Assert.Contains("The timer no longer exists", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schedules_are_listed_shown_run_paused_resumed_and_canceled()
    {
        await _tool.RunUntil(["schedules", "--json"], run => run.Json.GetArrayLength() == 1);

        var table = await _tool.RunOk("schedules", "list");
        var next = (await _tool.RunOk("schedules", "next", "report", "--json")).Json.GetProperty("nextTimes");
        var cancelled = (await _tool.RunOk("schedules", "cancel", "report", "--by", "ada", "--json")).Json;
        await _tool.RunOk("schedules", "pause", "report", "--by", "ada");
        await _tool.RunOk("schedules", "run-now", "report");
        await _tool.RunUntil(["schedules", "list", "--json"], run => run.Json[0].TryGetProperty("lastRunAt", out _));
        var resumed = (await _tool.RunOk("schedules", "resume", "report", "--json")).Json;
        var shown = (await _tool.RunOk("schedules", "show", "report", "--json")).Json;
        var text = await _tool.RunOk("schedules", "show", "report");

        Assert.Contains("0 3 1 1 *", table.Output, StringComparison.Ordinal);
        Assert.Equal(5, next.GetArrayLength());
        Assert.Equal(next[1].GetString(), cancelled.GetProperty("next").GetString());
        Assert.Equal(
            (false, next[0].GetString()),
            (resumed.GetProperty("isPaused").GetBoolean(), resumed.GetProperty("next").GetString()));
        Assert.Equal(["defined", "passed-over", "paused", "asked", "run", "resumed"], HistoryOf(shown));
        Assert.Contains("ada", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Processes_are_counted_listed_shown_moved_resumed_canceled_and_checked()
    {
        var store = _host!.Services.GetRequiredService<EventStore>();
        await store.Append(
            new StreamId("calls"),
            ExpectedVersion.Any,
            [new CallAsked("a"), new CallAsked("b"), new CallAsked("c")]);
        await _tool.RunUntil(["processes", "--json"], run => run.Json.EnumerateArray().Any(HasState("Running", 3)));
        var processes = _host.Services.GetRequiredService<Processes>();
        // Every instance waits for an event, so that no step runs during the decisions below.
        foreach (var call in (string[])["a", "b", "c"])
            await Eventually.Get(
                async () => await processes.Find("call", call),
                process => process?.Steps.Contains("await-answered") == true);

        var listed = (await _tool.RunOk("processes", "list", "call", "--state", "Running", "--json")).Json;
        await _tool.RunOk("processes", "move", "call", "a", "--to", "call", "--reason", "no answer needed");
        await _tool.RunOk("processes", "cancel", "call", "b", "--by", "ada");
        await _tool.RunUntil(["processes", "--json"], run => run.Json.EnumerateArray().Any(HasState("Completed", 1)));
        await _tool.RunUntil(["processes", "--json"], run => run.Json.EnumerateArray().Any(HasState("Compensated", 1)));
        // The event belongs to a call that never starts.
        await store.Append(new StreamId("calls"), ExpectedVersion.Any, [new Answered("nobody")]);
        await _tool.RunUntil(["processes", "--json"], run => run.Json.EnumerateArray().Any(HasState("EarlyEvents", 1)));
        var counts = await _tool.RunOk("processes");
        var history = await _tool.RunOk("processes", "history", "call", "a");
        var refused = await _tool.Run("processes", "resume", "call", "c");
        var check = await _tool.Run("processes", "check", "--build", Tool.Shop, "--json");
        var unknown = await _tool.Run("processes", "diagram", "call", "--build", Tool.Shop);
        var diagram = await _tool.RunOk("processes", "diagram", "fulfilment", "--build", Tool.Shop);

        Assert.Equal(3, listed.GetArrayLength());
        Assert.Contains("call: 1 event was dropped or refused", counts.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("EarlyEvents", counts.Output, StringComparison.Ordinal);
        Assert.Contains("no answer needed", history.Output, StringComparison.Ordinal);
        Assert.StartsWith("stateDiagram-v2\n", diagram.Output, StringComparison.Ordinal);
        Assert.Equal((1, 3), (refused.ExitCode, unknown.ExitCode));
        Assert.Equal((1, 1), (check.ExitCode, check.Json.GetProperty("stuck").GetArrayLength()));
    }

    private static IEnumerable<string?> HistoryOf(System.Text.Json.JsonElement shown) =>
        shown.GetProperty("history").EnumerateArray().Select(entry => entry.GetProperty("what").GetString());

    private static Func<System.Text.Json.JsonElement, bool> HasState(string state, int instances) => entry =>
        entry.GetProperty("state").GetString() == state && entry.GetProperty("instances").GetInt32() == instances;

    private static ValueTask<Nothing> Handle(MakeCall call, CommandContext context, CancellationToken cancellationToken)
    {
        context.Append(new StreamId("calls"), ExpectedVersion.Any, new CallMade(call.To));
        return new(default(Nothing));
    }

    internal sealed record CallAsked(string To);

    internal sealed record CallMade(string To);

    internal sealed record MakeCall(string To) : ICommand;

    internal sealed class Calling : Process<string>
    {
        protected override void Define(ProcessBuilder<string> process) => process
            .StartOn<CallAsked>(asked => asked.To)
            .Step("prepare", id => new MakeCall(id), id => new MakeCall(id))
            .Await<Answered>(answered => answered.To)
            .Step("call", id => new MakeCall(id));
    }

    internal sealed record Answered(string To);

    [JsonSerializable(typeof(CallAsked))]
    [JsonSerializable(typeof(CallMade))]
    [JsonSerializable(typeof(Answered))]
    [JsonSerializable(typeof(MakeCall))]
    internal sealed partial class Json : JsonSerializerContext;
}

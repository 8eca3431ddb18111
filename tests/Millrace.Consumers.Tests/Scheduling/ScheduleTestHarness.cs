using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Events;
using Millrace.Hosting;
using Millrace.Scheduling;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>An hourly schedule on virtual time without its consumer. A test starts the due runs.</summary>
internal sealed class ScheduleTestHarness : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ScheduleProcessor _processor;

    private ScheduleTestHarness(IHost host, ManualTimeProvider time, ScheduleDefinition definition)
    {
        (_host, Time) = (host, time);
        _processor = new ScheduleProcessor(
            Store,
            [definition],
            host.Services.GetRequiredService<ModelCatalog>(),
            new ScopedCommandSender(host.Services).Send,
            NullLogger.Instance);
    }

    public ManualTimeProvider Time { get; }

    public Bell Bell => _host.Services.GetRequiredService<Bell>();

    public Schedules Schedules => Millrace.Schedules.Of(Store);

    /// <summary>Gets the schedules with the commands of the model, so that a command can be edited.</summary>
    public Schedules SchedulesWithCommands => _host.Services.GetRequiredService<ModelCatalog>().SchedulesOf(Store);

    private EventStore Store => _host.Services.GetRequiredService<EventStore>();

    /// <summary>Starts a host with the schedule, a minute before 08:00.</summary>
    public static async Task<ScheduleTestHarness> Start(
        MissedRuns missed, OverlappingRuns overlapping, Func<ManualTimeProvider, DateTimeOffset, object> command,
        TimeZoneInfo? zone = null)
    {
        var time = new ManualTimeProvider(At("07:59"));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<Bell>().AddSingleton<TimeProvider>(time);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => new InMemoryStorage(time))
            .AddModel(model => Bell.Register(model))
            .ConfigureConsumers(all => all.IsEnabled = false));
        var host = builder.Build();
        await host.StartAsync();
        var definition = new ScheduleDefinition(
            "bell", "0 * * * *", at => command(time, at), zone ?? TimeZoneInfo.Utc, missed, overlapping);
        var harness = new ScheduleTestHarness(host, time, definition);
        await harness._processor.Prepare(default);
        await harness._processor.Start(0, default);
        await harness.RunDue();
        return harness;
    }

    public static DateTimeOffset At(string time) =>
        DateTimeOffset.Parse($"2026-11-21T{time}:00Z", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Runs all times that are due now.</summary>
    public async Task RunDue()
    {
        while (_processor.NextDue <= Time.GetUtcNow())
        {
            await _processor.StartDue(static () => { }, default);
            await Eventually.Get(() => Task.FromResult(_processor.IsBusy), busy => !busy, TestNode.WaitTimeout);
        }
    }

    /// <summary>Reads the decisions, as a node does, and runs all times that are due.</summary>
    public async Task HandleDecisions()
    {
        await _processor.Handle([], null!, default); // The method only reads the schedules.
        await RunDue();
    }

    /// <summary>Makes a decision and lets the processor apply it.</summary>
    public async Task Decide(Func<Schedules, Task> decide)
    {
        await decide(Schedules);
        await _processor.Start(0, default);
    }

    /// <summary>Replaces the stored record of the schedule.</summary>
    public async Task Change(Func<ScheduleRecord, ScheduleRecord> change)
    {
        var found = (await Store.Storage.Documents.Get(ScheduleStore.Name, "bell", default))!;
        var changed = change(ScheduleStore.Read(found));
        await Store.Append(ScheduleStore.AddTo(
            new AppendRequest(), "bell", changed, found.Version, PlatformEvents.ScheduleDefined, new TimerNote()));
        await _processor.Start(0, default);
    }

    /// <summary>Returns the names of the rings, in order.</summary>
    public async Task<IReadOnlyList<string>> Rings() =>
        await Store.ReadStream(new StreamId(Bell.Stream)).Select(recorded => ((Rung)recorded.Data).Name).ToListAsync();

    /// <summary>Returns the users that are recorded in the rings.</summary>
    public async Task<IReadOnlyList<string?>> Users() =>
        await Store.ReadStream(new StreamId(Bell.Stream)).Select(recorded => recorded.Metadata.UserId).ToListAsync();

    public async ValueTask DisposeAsync()
    {
        await _processor.End();
        await _host.StopAsync();
        _host.Dispose();
    }
}

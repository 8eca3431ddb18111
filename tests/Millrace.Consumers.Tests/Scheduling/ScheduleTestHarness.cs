using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Events;
using Millrace.Hosting;
using Millrace.Scheduling;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>An hourly schedule without its consumer: due runs start when a test requests it; on virtual time.</summary>
internal sealed class ScheduleTestHarness : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ScheduleProcessor _work;

    private ScheduleTestHarness(IHost host, ManualTimeProvider time, ScheduleDefinition definition)
    {
        (_host, Time) = (host, time);
        _work = new ScheduleProcessor(
            Store,
            [definition],
            host.Services.GetRequiredService<ModelCatalog>(),
            new ScopedCommandSender(host.Services).Send,
            NullLogger.Instance);
    }

    public ManualTimeProvider Time { get; }

    public Bell Bell => _host.Services.GetRequiredService<Bell>();

    public Schedules All => Schedules.Of(Store);

    /// <summary>The same, with the commands.</summary>
    public Schedules Known => _host.Services.GetRequiredService<ModelCatalog>().SchedulesOf(Store);

    private EventStore Store => _host.Services.GetRequiredService<EventStore>();

    /// <summary>Defines the schedule, a minute before eight.</summary>
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
        var bench = new ScheduleTestHarness(host, time, definition);
        await bench._work.Prepare(default);
        await bench._work.Start(0, default);
        await bench.Work();
        return bench;
    }

    public static DateTimeOffset At(string time) =>
        DateTimeOffset.Parse($"2026-11-21T{time}:00Z", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Runs what is due now.</summary>
    public async Task Work()
    {
        while (_work.NextDue <= Time.GetUtcNow())
        {
            await _work.StartDue(static () => { }, default);
            await Eventually.Is(() => Task.FromResult(_work.IsBusy), busy => !busy, TestNode.WaitTimeout);
        }
    }

    /// <summary>Runs due times, like a node that receives a decision.</summary>
    public async Task RunDue()
    {
        await _work.Handle([], null!, default); // It only reads.
        await Work();
    }

    /// <summary>Makes a decision and applies it.</summary>
    public async Task Decide(Func<Schedules, Task> decide)
    {
        await decide(All);
        await _work.Start(0, default);
    }

    /// <summary>Replaces the record of the schedule.</summary>
    public async Task Change(Func<ScheduleRecord, ScheduleRecord> change)
    {
        var found = (await Store.Storage.Documents.Get(ScheduleStore.Name, "bell", default))!;
        var changed = change(ScheduleStore.Read(found));
        await Store.Append(ScheduleStore.AddTo(
            new AppendRequest(), "bell", changed, found.Version, PlatformEvents.ScheduleDefined, new TimerNote()));
        await _work.Start(0, default);
    }

    /// <summary>The names of the rings, in order.</summary>
    public async Task<IReadOnlyList<string>> Rings() =>
        await Store.ReadStream(new StreamId(Bell.Stream)).Select(one => ((Rung)one.Data).Name).ToListAsync();

    /// <summary>The users recorded in the rings.</summary>
    public async Task<IReadOnlyList<string?>> Users() =>
        await Store.ReadStream(new StreamId(Bell.Stream)).Select(one => one.Metadata.UserId).ToListAsync();

    public async ValueTask DisposeAsync()
    {
        await _work.End();
        await _host.StopAsync();
        _host.Dispose();
    }
}

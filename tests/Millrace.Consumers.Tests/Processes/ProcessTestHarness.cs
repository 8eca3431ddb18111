using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Hosting;
using Millrace.ProcessManagers;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Processes;

/// <summary>
/// Processes on virtual time without their consumer. A test delivers the events and continues the instances.
/// </summary>
internal sealed class ProcessTestHarness : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ProcessPlans _plans;

    private ProcessTestHarness(IHost host, ManualTimeProvider time)
    {
        (_host, Time) = (host, time);
        _plans = new ProcessPlans("trade", Catalog.Processes);
    }

    public ManualTimeProvider Time { get; }

    public Trade Trade => _host.Services.GetRequiredService<Trade>();

    public EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public Millrace.Processes Processes => _host.Services.GetRequiredService<Millrace.Processes>();

    private ModelCatalog Catalog => _host.Services.GetRequiredService<ModelCatalog>();

    public static Task<ProcessTestHarness> Start(Action<ProcessBuilder<string>> define) =>
        Start(new InMemoryStorage(), TradeProcess.Create(define));

    /// <summary>Starts a build with the given definitions, on a store that other builds may have used before.</summary>
    public static async Task<ProcessTestHarness> Start(IStorage storage, params ProcessDefinition<string>[] definitions)
    {
        var time = new ManualTimeProvider(new DateTimeOffset(2026, 11, 21, 8, 0, 0, TimeSpan.Zero));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new Trade()).AddSingleton<TimeProvider>(time);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => storage)
            .AddModel(model =>
            {
                Trade.Register(model);
                foreach (var definition in definitions)
                    model.Process(definition);
            })
            .ConfigureConsumers(all => all.IsEnabled = false));
        var host = builder.Build();
        await host.StartAsync();
        return new ProcessTestHarness(host, time);
    }

    /// <summary>Appends an event and delivers it to the process a number of times.</summary>
    public async Task Take(object data, int times = 1, Action<ProcessInstance, long>? committed = null)
    {
        var result = await Store.Append(new StreamId("market-1"), ExpectedVersion.Any, [data]);
        var page = await Store.ReadPage(new LogPageQuery(EventFilter.All, result.Position, IsBackwards: false, 1));
        for (var i = 0; i < times; i++)
            await new ProcessEventRouter(Store, _plans) { Committed = committed }.Take(
                page.Events[0], CancellationToken.None);
    }

    /// <summary>Delivers an event of the log to the process again.</summary>
    public async Task TakeAgain(long position)
    {
        var page = await Store.ReadPage(new LogPageQuery(EventFilter.All, position, IsBackwards: false, 1));
        await new ProcessEventRouter(Store, _plans).Take(page.Events[0], CancellationToken.None);
    }

    /// <summary>Returns the dead letters of all processes.</summary>
    public ValueTask<IReadOnlyList<DeadLetter>> ListDeadLetters() =>
        Store.Storage.DeadLetters.List(new DeadLetterQuery(), CancellationToken.None);

    /// <summary>Continues an instance as far as possible.</summary>
    public Task Work(string id = "t") =>
        new ProcessRunner(Store, _plans, Catalog, new ScopedCommandSender(_host.Services).Send).Run(
            id, committed: null, CancellationToken.None);

    /// <summary>
    /// Continues an instance until it reaches a step, and stops before the command of this step. Runs an action before
    /// each command.
    /// </summary>
    public async Task WorkUntil(string step, Action<string>? before = null)
    {
        var sending = new ScopedCommandSender(_host.Services);
        var runner = new ProcessRunner(Store, _plans, Catalog, (definition, command, options, cancellationToken) =>
        {
            var work = (DoWork)command;
            before?.Invoke(work.Name);
            return work.Name == step
                ? throw new LeaseLostException("process-trade", 0, "the test stops at this step")
                : sending.Send(definition, command, options, cancellationToken);
        });
        await Assert.ThrowsAsync<LeaseLostException>(() => runner.Run("t", committed: null, CancellationToken.None));
    }

    // The test has started the instance.
    public async Task<ProcessInfo> Find(string id = "t") => (await Processes.Find("trade", id))!;

    /// <summary>Returns the effects of the commands, in order.</summary>
    public async Task<IReadOnlyList<string>> Effects(string id = "t") =>
        await Store.ReadStream(Trade.StreamOf(id)).Select(recorded => ((WorkDone)recorded.Data).Name).ToListAsync();

    /// <summary>Returns the kinds of the history entries of an instance, with their steps.</summary>
    public async Task<IReadOnlyList<string>> Story(string id = "t") =>
        [
            .. (await Processes.History("trade", id)).Select(entry =>
                entry.Step is null ? entry.Kind : $"{entry.Kind} {entry.Step}"),
        ];

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

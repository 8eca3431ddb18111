using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Processes;

/// <summary>A node of the trading application.</summary>
internal sealed class TradeNode : IAsyncDisposable
{
    private readonly IHost _host;

    private TradeNode(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public Trade Trade => Services.GetRequiredService<Trade>();

    public EventStore Store => Services.GetRequiredService<EventStore>();

    public Millrace.Processes Processes => Services.GetRequiredService<Millrace.Processes>();

    public DeadLetters DeadLetters => Services.GetRequiredService<DeadLetters>();

    public Consumers Consumers => Services.GetRequiredService<Consumers>();

    public static Task<TradeNode> Start(
        Action<ProcessBuilder<string>> define,
        IStorage? storage = null,
        Trade? trade = null,
        RecordedLog? log = null) => Start([TradeProcess.Create(define)], storage, trade, log);

    public static async Task<TradeNode> Start(
        IReadOnlyList<ProcessDefinition<string>> definitions,
        IStorage? storage = null,
        Trade? trade = null,
        RecordedLog? log = null,
        Action<MillraceBuilder>? useStore = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(trade ?? new Trade());
        storage ??= new InMemoryStorage();
        builder.Services.AddMillrace(millrace =>
        {
            (useStore ?? (one => one.UseStorage(_ => storage)))(millrace);
            millrace.AddModel(model =>
                {
                    Trade.Register(model);
                    foreach (var definition in definitions)
                        model.Process(definition);
                })
                .ConfigureConsumers(all =>
                {
                    all.LookEvery = TimeSpan.FromMilliseconds(10);
                    all.LeaseDuration = TimeSpan.FromMinutes(1);
                    all.StopTimeout = TestNode.WaitTimeout;
                });
        });
        var host = builder.Build();
        await host.StartAsync();
        return new TradeNode(host);
    }

    public Task<long> Append(object recorded) => Append("market-1", recorded);

    public async Task<long> Append(string stream, object recorded) =>
        (await Store.Append(new StreamId(stream), ExpectedVersion.Any, [recorded])).Position;

    /// <summary>Returns the effects of the commands for a trade, in order.</summary>
    public async Task<IReadOnlyList<string>> Effects(string trade = "t")
    {
        var names = new List<string>();
        await foreach (var recorded in Store.ReadStream(Trade.StreamOf(trade)))
            names.Add(((WorkDone)recorded.Data!).Name);
        return names;
    }

    /// <summary>Returns the kinds of the history entries of a trade, with their steps.</summary>
    public async Task<IReadOnlyList<string>> Story(string trade = "t") =>
        [
            .. (await Processes.History("trade", trade)).Select(entry =>
                entry.Step is null ? entry.Kind : $"{entry.Kind} {entry.Step}"),
        ];

    public Task<ProcessInfo?> WaitFor(ProcessState state, string trade = "t") =>
        Eventually.Get(
            async () => await Processes.Find("trade", trade), info => info?.State == state, TestNode.WaitTimeout);

    public Task<ProcessInfo?> WaitUntilIn(string step, string trade = "t") =>
        Eventually.Get(
            async () => await Processes.Find("trade", trade),
            info => info?.Steps.Contains(step) == true,
            TestNode.WaitTimeout);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

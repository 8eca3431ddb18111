using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Processes;

/// <summary>
/// Trades on two nodes that die, stand still, hear events again and out of order, and work on the same instance at the same time, as a seed
/// says; on virtual time. What a step does, and that it is done, must agree at the end, and each trade must be at one.
/// </summary>
internal sealed class ProcessSimulation : IAsyncDisposable
{
    private const int MostTrades = 4;
    private static readonly string[] Commands = ["reserve", "release", "pay", "refund", "print", "ship"];
    private static readonly (string Step, string? Undo)[] Steps =
        [("reserve", "release"), ("pay", "refund"), ("print", null), ("ship", null)];

    private readonly Random _random;
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 11, 21, 8, 0, 0, TimeSpan.Zero));
    private readonly IHost _host;
    private readonly Trade _trade = new();
    private readonly List<RecordedEvent> _appended = [];
    private readonly HashSet<long> _delivered = [];
    private ProcessIntake _intake = null!;
    private ProcessRunner _runner = null!;
    private int _trades;
    private bool _isCalm;

    public ProcessSimulation(int seed)
    {
        _random = new Random(seed);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(_trade).AddSingleton<TimeProvider>(_time);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => new InMemoryStorage(_time))
            .AddModel(model => Trade.Register(model).Process(TradeProcess.Of(Define)))
            .ConfigureConsumers(all => all.IsEnabled = false)); // What a consumer would do is done here, in the order of the seed.
        _host = builder.Build();
    }

    private EventStore Store => _host.Services.GetRequiredService<EventStore>();

    private Millrace.Processes All => _host.Services.GetRequiredService<Millrace.Processes>();

    public async Task Run()
    {
        await _host.StartAsync();
        var catalog = _host.Services.GetRequiredService<ModelCatalog>();
        var plans = new ProcessPlans("trade", catalog.Processes);
        _intake = new ProcessIntake(Store, plans);
        _runner = new ProcessRunner(Store, plans, catalog, Send);
        for (var i = 0; i < 60; i++)
            await Step();
        await BringToTheEnd();
        for (var trade = 0; trade < _trades; trade++)
            await Check($"t{trade}");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static void Define(ProcessBuilder<string> process) => process
        .StartOn<Agreed>(agreed => agreed.Trade)
        .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
        .Parallel("together", group => group
            .Step("pay", id => new DoWork(id, "pay"), id => new DoWork(id, "refund")).Retry(3, TimeSpan.FromMinutes(1))
            .Step("print", id => new DoWork(id, "print")))
        .Await<Judged>(judged => judged.Trade, within: TimeSpan.FromHours(6))
        .PointOfNoReturn()
        .Step("ship", id => new DoWork(id, "ship"))
        .Await<Arrived>(arrived => arrived.Trade, within: TimeSpan.FromDays(1), onTimeout: TimeoutRule.GoOn);

    private Task Step() => _random.Next(12) switch
    {
        0 or 1 => Append(new Agreed(_trades < MostTrades ? $"t{_trades++}" : Any(), 4)),
        2 => _trades == 0 ? Task.CompletedTask : Append(new Judged(Any(), true)),
        3 => _trades == 0 ? Task.CompletedTask : Append(new Arrived(Any())),
        4 or 5 or 6 => Deliver(),
        7 or 8 => WorkOn(Any()),
        9 => Task.WhenAll(WorkOn(Any()), WorkOn(Any())), // Another node that does not know yet that it has lost its lease.
        10 => Pass(TimeSpan.FromMinutes(_random.Next(1, 240))),
        _ => Meddle(),
    };

    private string Any() => $"t{_random.Next(Math.Max(1, _trades))}";

    private async Task Append(object data)
    {
        var result = await Store.Append(new StreamId("market-1"), ExpectedVersion.Any, [data]);
        var page = await Store.ReadPage(new Storage.LogPageQuery(EventFilter.All, result.Position, IsBackwards: false, 1));
        _appended.Add(page.Events[0]);
    }

    /// <summary>Hands an event over: the next one, one of before, or one out of order.</summary>
    private async Task Deliver()
    {
        if (_appended.Count == 0)
            return;
        var next = _appended.Find(recorded => !_delivered.Contains(recorded.Position));
        var chosen = next is null || _random.Next(4) == 0 ? _appended[_random.Next(_appended.Count)] : next;
        await _intake.Take(chosen, CancellationToken.None);
        _delivered.Add(chosen.Position);
    }

    private async Task WorkOn(string trade)
    {
        try
        {
            await _runner.Run(trade, CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            // The node is dead. What it had committed stands, and the next one goes on.
        }
    }

    private async Task Send(CommandDefinition definition, object command, SendOptions options, CancellationToken cancellationToken)
    {
        var fate = _isCalm ? 9 : Fate();
        if (fate == 0)
            throw new OperationCanceledException("The node dies before it sends.");
        await new ScopedSending(_host.Services).Send(definition, command, options, cancellationToken);
        if (fate == 1)
            throw new OperationCanceledException("The node dies when the commit is done, before it hears of it.");
    }

    private int Fate()
    {
        lock (_random)
            return _random.Next(10);
    }

    private Task Pass(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    /// <summary>Has a command fail or pass from here on, or decides something as a person.</summary>
    private async Task Meddle()
    {
        if (_random.Next(3) > 0)
        {
            _trade.Failures[Commands[_random.Next(Commands.Length)]] = _random.Next(-1, 4);
            return;
        }
        try
        {
            var trade = Any();
            await (_random.Next(2) == 0 ? All.Cancel("trade", trade, "ada") : All.Resume("trade", trade, "ada"));
        }
        catch (MillraceException refused) when (refused is ProcessNotFoundException or ProcessRefusedException)
        {
            // A person may ask for what cannot be.
        }
    }

    private async Task BringToTheEnd()
    {
        _isCalm = true;
        _trade.Failures.Clear();
        foreach (var recorded in _appended)
            await _intake.Take(recorded, CancellationToken.None);
        for (var round = 0; round < 200; round++)
        {
            var open = new List<ProcessInfo>();
            for (var trade = 0; trade < _trades; trade++)
            {
                await _runner.Run($"t{trade}", CancellationToken.None);
                var info = await All.Find("trade", $"t{trade}");
                if (info!.State == ProcessState.Held)
                    await All.Resume("trade", info.Id, "ada");
                if (info.State is not (ProcessState.Completed or ProcessState.Compensated))
                    open.Add(info);
            }
            if (open.Count == 0)
                return;
            _time.Advance(TimeSpan.FromHours(1));
        }
        var stories = new List<string>();
        for (var trade = 0; trade < _trades; trade++)
            stories.Add($"t{trade}: {string.Join(", ", await StoryOf($"t{trade}"))}");
        Assert.Fail($"Some trades come to no end. {string.Join(Environment.NewLine, stories)}");
    }

    private async Task<List<string>> StoryOf(string trade) =>
        [.. (await All.History("trade", trade)).Select(entry => $"{entry.What} {entry.Step}")];

    private async Task Check(string trade)
    {
        var info = await All.Find("trade", trade);
        var listed = (await All.List(new ProcessQuery { Process = "trade" })).Instances.Single(one => one.Id == trade);
        var story = await StoryOf(trade);
        var work = new List<string>();
        await foreach (var recorded in Store.ReadStream(Trade.StreamOf(trade)))
            work.Add(((WorkDone)recorded.Data!).Name);
        var told = $"{info!.State}: {string.Join(", ", story)}; work: {string.Join(", ", work)}";
        Assert.True(info.State == listed.State, told);
        foreach (var (step, undo) in Steps)
        {
            var done = work.Count(name => name == step);
            Assert.True(done == story.Count(what => what == $"step-done {step}"), told);
            Assert.True(info.State == ProcessState.Completed ? done == 1 : done <= 1, told);
            if (undo is null)
                continue;
            var undone = work.Count(name => name == undo);
            Assert.True(undone == story.Count(what => what == $"compensation-done {step}"), told);
            Assert.True(info.State == ProcessState.Completed ? undone == 0 : undone <= 1 && undone >= done, told);
        }
    }
}

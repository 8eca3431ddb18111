using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Commands;
using Millrace.ProcessManagers;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Processes;

/// <summary>
/// A simulation of trades, and of a clerk who books payments, on virtual time and on one thread. A seed determines all
/// steps. Nodes die, pause in the middle of a step, receive events repeatedly and out of order, and run the same
/// instance concurrently. After each step, the rules of all trades must hold. At the end, each trade is consistent or
/// held with a reason.
/// </summary>
internal sealed class ProcessSimulation : IAsyncDisposable
{
    private const int Steps = 90;
    private const int MaxTrades = 4;
    private static readonly string[] Commands = ["reserve", "release", "pay", "refund", "print", "ship"];

    private readonly Random _random;
    private readonly InjectedFault _fault;
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 11, 21, 8, 0, 0, TimeSpan.Zero));
    private readonly IHost _host;
    private readonly Trade _trade = new();
    private readonly List<RecordedEvent> _market = [];
    private readonly List<RecordedEvent> _paid = [];
    private readonly HashSet<long> _finished = [];
    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<string> _transcript = [];
    private readonly bool _hasOperator;
    private ModelCatalog _catalog = null!;
    private ProcessPlans _plans = null!;
    private ProcessEventRouter _router = null!;
    private readonly InstanceHandoff _handoff = new();
    private int _trades;
    private long _checkedPosition;
    private bool _isPausingDisabled;

    public ProcessSimulation(int seed, InjectedFault fault = InjectedFault.None)
    {
        (_random, _fault) = (new Random(seed), fault);
        _hasOperator = _random.Next(2) == 0;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(_trade).AddSingleton<TimeProvider>(_time);
        builder.Services.AddMillrace(millrace =>
            millrace
                .UseStorage(_ => new FaultyStorage(new InMemoryStorage(_time))
                {
                    // Each caller commits on its own thread, so no code waits for another thread.
                    CommitsOnCallingThread = false,
                    Change = fault == InjectedFault.VersionsIgnored ? IgnoreVersions : null,
                })
                .AddModel(model => Trade.Register(model).Process(TradeProcess.Create(Define)))
                .ConfigureConsumers(all => all.IsEnabled = false)
        ); // The schedule does the work of the consumers, in the order that the seed determines.
        _host = builder.Build();
    }

    /// <summary>Gets the events of the run, in order. The same seed always gives the same transcript.</summary>
    public IReadOnlyList<string> Transcript => _transcript;

    private EventStore Store => _host.Services.GetRequiredService<EventStore>();

    private Millrace.Processes Processes => _host.Services.GetRequiredService<Millrace.Processes>();

    public async Task Run()
    {
        await _host.StartAsync();
        _catalog = _host.Services.GetRequiredService<ModelCatalog>();
        _plans = new ProcessPlans("trade", _catalog.Processes);
        _router = new ProcessEventRouter(Store, _plans) { Committed = _handoff.Keep };
        for (var i = 0; i < Steps; i++)
        {
            await Step();
            await CheckNewEvents();
        }
        await RunToEnd();
        for (var trade = 0; trade < _trades; trade++)
            await CheckEnd($"t{trade}");
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
        .Await<Arrived>(arrived => arrived.Trade, within: TimeSpan.FromDays(1), onTimeout: TimeoutRule.Continue);

    private static CommitRequest IgnoreVersions(CommitRequest request) =>
        new()
        {
            Appends =
            [
                .. request.Appends.Select(append =>
                    append.Stream.Value.StartsWith("process-", StringComparison.Ordinal)
                        ? append with
                        {
                            Expected = ExpectedVersion.Any,
                        }
                        : append),
            ],
            Documents = request.Documents,
            Handled = request.Handled,
            Claims = request.Claims,
            Conditions = request.Conditions,
        };

    private Task Step() => _random.Next(20) switch
    {
        0 or 1 => Append(new Agreed(_trades < MaxTrades ? $"t{_trades++}" : AnyTrade(), 4)),
        2 => _trades == 0 ? Task.CompletedTask : Append(new Judged(AnyTrade(), true)),
        3 => _trades == 0 ? Task.CompletedTask : Append(new Arrived(AnyTrade())),
        4 or 5 or 6 => Deliver(),
        7 or 8 or 9 => WorkOn(AnyTrade()),
        10 => Book(),
        11 or 12 or 13 or 14 or 15 => Resume(),
        16 => Kill(),
        17 => AdvanceTime(TimeSpan.FromMinutes(_random.Next(1, 240))),
        _ => SendOperatorRequest(),
    };

    private string AnyTrade() => $"t{_random.Next(Math.Max(1, _trades))}";

    private async Task Append(object data)
    {
        var result = await Store.Append(new StreamId("market-1"), ExpectedVersion.Any, [data]);
        var page = await Store.ReadPage(new LogPageQuery(EventFilter.All, result.Position, IsBackwards: false, 1));
        _market.Add(page.Events[0]);
    }

    /// <summary>Delivers the next event, an earlier event, or an event out of order.</summary>
    private async Task Deliver()
    {
        if (Choose(_market) is not { } chosen)
            return;
        if (_fault == InjectedFault.EarlyCheckpoint && _random.Next(4) == 0)
        {
            _finished.Add(chosen.Position);
            return;
        }
        await _router.Take(chosen, CancellationToken.None);
        _finished.Add(chosen.Position);
    }

    private Task Book() => Choose(_paid) is { } chosen ? Begin(send => Book(chosen, send)) : Task.CompletedTask;

    /// <summary>
    /// Simulates a consumer that answers an event with a command. Its checkpoint moves only after it has received the
    /// result of the commit.
    /// </summary>
    private async Task Book(RecordedEvent paid, CommandSender send)
    {
        var options = new SendOptions { IdempotencyKey = paid.Id.ToString(), CausationId = paid.Id };
        var command = new Book(paid.Id);
        await send(_catalog.FindCommand(command.GetType())!, command, options, CancellationToken.None);
        _finished.Add(paid.Position);
    }

    private RecordedEvent? Choose(List<RecordedEvent> events)
    {
        if (events.Count == 0)
            return null;
        var next = events.Find(recorded => !_finished.Contains(recorded.Position));
        return next is null || _random.Next(4) == 0 ? events[_random.Next(events.Count)] : next;
    }

    /// <summary>
    /// Continues an instance from memory if its document has not changed; otherwise from its document.
    /// </summary>
    private async Task WorkOn(string trade)
    {
        var document = await Store.Storage.Documents.Get(
            ProcessNames.CollectionOf("trade"), trade, CancellationToken.None);
        var known = document is null ? null : _handoff.Take(document);
        await Begin(send => new ProcessRunner(Store, _plans, _catalog, send).Run(trade, known, CancellationToken.None));
    }

    /// <summary>
    /// Starts a node. Other nodes may run the same work, because a node may not know yet that it has lost its lease.
    /// </summary>
    private Task Begin(Func<CommandSender, Task> work)
    {
        var node = new SimulatedNode(_host.Services, Store, _fault) { IsPausingDisabled = _isPausingDisabled };
        node.Begin(work);
        _nodes.Add(node);
        return RemoveFinishedNodes();
    }

    private Task Resume()
    {
        if (_nodes.Count == 0)
            return Task.CompletedTask;
        var node = _nodes[_random.Next(_nodes.Count)];
        node.Resume(_random.Next(node.PausedCount));
        return RemoveFinishedNodes();
    }

    private Task Kill()
    {
        if (_nodes.Count > 0)
            _nodes[_random.Next(_nodes.Count)].Terminate();
        return RemoveFinishedNodes();
    }

    private async Task RemoveFinishedNodes()
    {
        foreach (var node in _nodes.Where(node => node.PausedCount == 0).ToList())
        {
            Assert.True(node.Work.IsCompleted, "Some code waits for another thread, so the seed cannot be replayed.");
            _nodes.Remove(node);
            await node.Work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (node.Work.Exception is { } exception)
                throw exception; // A simulated death is not an error, but all other exceptions are.
        }
    }

    private Task AdvanceTime(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    private async Task AdvanceToNextDue()
    {
        DateTimeOffset? next = null;
        for (var trade = 0; trade < _trades; trade++)
        {
            if ((await Processes.Find("trade", $"t{trade}"))?.Due is { } due && !(next <= due))
                next = due;
        }
        if (next > _time.GetUtcNow())
            _time.Advance(next.Value - _time.GetUtcNow());
    }

    /// <summary>Makes a command fail or succeed from now on, or makes a decision as an operator.</summary>
    private async Task SendOperatorRequest()
    {
        if (_random.Next(3) > 0)
        {
            _trade.Failures[Commands[_random.Next(Commands.Length)]] = _random.Next(-1, 4);
            return;
        }
        try
        {
            var trade = AnyTrade();
            await (_random.Next(8) switch
            {
                0 or 1 or 2 => Processes.Cancel("trade", trade, "ada"),
                3 or 4 or 5 => Processes.Resume("trade", trade, "ada"),
                6 => Processes.ResumeFrom("trade", trade, _random.Next(2) == 0 ? "reserve" : "pay", "ada"),
                _ => Processes.Move("trade", trade, _random.Next(2) == 0 ? "await-judged" : "ship", "ada"),
            });
        }
        catch (MillraceException refused) when (refused is ProcessNotFoundException or ProcessRefusedException)
        {
            // An operator may request actions that the process refuses.
        }
    }

    /// <summary>Reads the new events of the log and checks the rules of their trades.</summary>
    private async Task CheckNewEvents()
    {
        var changed = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var recorded in Store.ReadLog(EventFilter.All, _checkedPosition))
        {
            _checkedPosition = recorded.Position;
            _transcript.Add(
                string.Create(CultureInfo.InvariantCulture, $"{recorded.Position} {recorded.Stream} {recorded.Type}"));
            if (recorded.Data is WorkDone { Name: "pay" })
                _paid.Add(recorded);
            if (recorded.Stream.Value.StartsWith("process-", StringComparison.Ordinal) || recorded.Data is WorkDone)
                changed.Add(recorded.Stream.Value[(recorded.Stream.Value.LastIndexOf('-') + 1)..]);
        }
        foreach (var trade in changed)
            await Check(trade);
        var booked = await Store.ReadStream(Trade.Books).Select(recorded => ((Booked)recorded.Data).Work).ToListAsync();
        Assert.True(booked.Distinct().Count() == booked.Count, "Something was booked twice.");
    }

    private async Task Check(string trade)
    {
        var (history, work) = (await Processes.History("trade", trade), await WorkOf(trade));
        var outside = _trade
            .ExternalRequests.Where(request => request.Trade == trade)
            .Select(request => (request.Name, request.CommandId));
        var problems = TradeRules.Problems(history, work, outside);
        Assert.True(problems.Count == 0, $"{trade}: {string.Join("; ", problems)}.{Describe(history, work)}");
        var page = await Processes.List(new ProcessQuery { Process = "trade" });
        var listed = page.Instances.Single(instance => instance.Id == trade);
        var info = await Processes.Find("trade", trade);
        Assert.True(
            info!.State == listed.State && info.Steps.SequenceEqual(listed.Steps),
            $"The list and the lookup of {trade} differ.");
    }

    private async Task RunToEnd()
    {
        while (_nodes.Count > 0)
            await (_random.Next(4) == 0 ? Kill() : Resume());
        await CheckNewEvents();
        _isPausingDisabled = true;
        if (_hasOperator)
            _trade.Failures.Clear();
        foreach (var recorded in _market.Where(recorded => !_finished.Contains(recorded.Position)))
            await _router.Take(recorded, CancellationToken.None);
        for (var round = 0; round < 100; round++)
        {
            foreach (var paid in _paid.Where(paid => !_finished.Contains(paid.Position)).ToList())
                await Begin(send => Book(paid, send));
            var open = 0;
            for (var trade = 0; trade < _trades; trade++)
                open += await IsOpen($"t{trade}", round) ? 1 : 0;
            await CheckNewEvents();
            if (open == 0 && _paid.TrueForAll(paid => _finished.Contains(paid.Position)))
                return;
            await AdvanceToNextDue();
        }
        Assert.Fail($"Some trades do not end.{await DescribeOpenTrades()}");
    }

    /// <summary>
    /// Continues a trade. An operator, if the seed has one, resumes held instances. Returns whether the trade is still
    /// open.
    /// </summary>
    private async Task<bool> IsOpen(string trade, int round)
    {
        await WorkOn(trade);
        var info = await Processes.Find("trade", trade);
        Assert.True(info is not null, $"{trade} never started.");
        if (info.State == ProcessState.Held && _hasOperator && round > 5 && info.Steps.Contains("await-judged"))
            // The trade passed the point of no return, and the judge does not decide.
            await Processes.Move("trade", trade, "ship", "ada");
        else if (info.State == ProcessState.Held && _hasOperator)
            await Processes.Resume("trade", trade, "ada");
        return info.State is ProcessState.Running or ProcessState.Compensating
            || (info.State == ProcessState.Held && _hasOperator);
    }

    private async Task<string> DescribeOpenTrades()
    {
        var text = "";
        for (var trade = 0; trade < _trades; trade++)
        {
            var info = await Processes.Find("trade", $"t{trade}");
            if (info?.State is not (ProcessState.Completed or ProcessState.Compensated))
                text += $"\n{info}{Describe(await Processes.History("trade", $"t{trade}"), await WorkOf($"t{trade}"))}";
        }
        return text;
    }

    private async Task CheckEnd(string trade)
    {
        var (info, history, work) = (
            await Processes.Find("trade", trade), await Processes.History("trade", trade), await WorkOf(trade));
        var booked = await Store.ReadStream(Trade.Books).CountAsync();
        Assert.Equal(_paid.Count, booked);
        if (info!.State == ProcessState.Held)
            Assert.False(string.IsNullOrWhiteSpace(info.Reason), $"{trade} is held without a reason.");
        if (history.Any(entry => entry.Kind == "moved" || entry is { Kind: "resumed", Step: not null }))
            return; // An operator changed the steps.
        foreach (var (step, undo) in TradeRules.Steps)
        {
            var isRight = info.State != ProcessState.Completed
                || (work.Count(name => name == step) == 1 && !(undo is not null && work.Contains(undo)));
            Assert.True(isRight, $"{trade} is completed, but not '{step}'.{Describe(history, work)}");
        }
    }

    private async Task<List<string>> WorkOf(string trade) =>
        await Store.ReadStream(Trade.StreamOf(trade)).Select(recorded => ((WorkDone)recorded.Data).Name).ToListAsync();

    private static string Describe(IReadOnlyList<ProcessEntry> history, List<string> work) =>
        $"\n{string.Join(", ", history.Select(entry => $"{entry.Kind} {entry.Step}"))}\nWork: "
            + $"{string.Join(", ", work)}";
}

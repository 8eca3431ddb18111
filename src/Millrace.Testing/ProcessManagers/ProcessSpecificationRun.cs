using System.Globalization;
using Millrace.ProcessManagers;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing.ProcessManagers;

/// <summary>A running process specification, with its history and the commands that the process sent.</summary>
internal sealed class ProcessSpecificationRun : IAsyncDisposable
{
    private const int MaxSteps = 1_000;
    private static readonly DateTimeOffset Beginning = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly StreamId EventStream = new("specification-1");

    private readonly ManualTimeProvider _time;
    private readonly Dictionary<Type, int> _failures = [];
    private readonly List<object> _sent = [];
    private readonly List<Exception?> _errors = [];
    private readonly List<string> _history = [];
    private readonly RoundTrip _roundTrip;
    private readonly string _process;
    private readonly string _id;
    private readonly EventStore _store;
    private readonly ProcessEventRouter _router;
    private readonly ProcessRunner _runner;
    private int _partStart;
    private bool _hasCrashed;

    private ProcessSpecificationRun(
        SpecificationModel model, ProcessDefinition process, string id, EventStore store, ManualTimeProvider time)
    {
        _process = process.Name;
        _id = id;
        _store = store;
        _time = time;
        _roundTrip = new RoundTrip(null) { Named = model };
        var plans = new ProcessPlans(process.Name, [process]);
        _router = new ProcessEventRouter(store, plans);
        _runner = new ProcessRunner(store, plans, model.Catalog, Send);
    }

    /// <summary>
    /// Gets the outcomes of commands by type. Each function gets the number of earlier failures, and returns an
    /// exception, or null for success.
    /// </summary>
    public Dictionary<Type, Func<int, Exception?>> Outcomes { get; } = [];

    /// <summary>
    /// Gets or sets the point at which the node crashes when it sends its next command. Another node then continues.
    /// </summary>
    public CrashPoint Crash { get; set; }

    /// <summary>Gets the sent commands. Each command has its exception, or null if it succeeded.</summary>
    public IEnumerable<(object Command, Exception? Error)> Sent => _sent.Zip(_errors);

    public Processes All => Processes.Of(_store);

    public static async Task<ProcessSpecificationRun> Start(
        SpecificationModel model, ProcessDefinition process, string id, CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider(Beginning);
        var store = await EventStore.Open(
            new InMemoryStorage(time), model.Catalog.EventTypes, time: time, cancellationToken: cancellationToken);
        await store.Storage.Documents.EnsureCollection(ProcessStore.CollectionOf(process.Name), cancellationToken);
        return new ProcessSpecificationRun(model, process, id, store, time);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    /// <summary>Returns the remaining time until an instant, or zero if the instant has passed.</summary>
    public TimeSpan Until(DateTimeOffset instant) =>
        instant > _time.GetUtcNow() ? instant - _time.GetUtcNow() : TimeSpan.Zero;

    /// <summary>Returns a value in its stored form, for display.</summary>
    public string Display(object value) => _roundTrip.Display(value).ToString();

    /// <summary>Starts a new part. The next expectations apply to the commands that follow.</summary>
    public void StartPart() => _partStart = _sent.Count;

    public async Task PassEvents(string keyword, object[] events, CancellationToken cancellationToken)
    {
        foreach (var given in events)
        {
            _history.Add($"{keyword} {_roundTrip.Display(given)}");
            var result = await _store.Append(EventStream, ExpectedVersion.Any, [given], cancellationToken);
            var query = new LogPageQuery(EventFilter.All, result.Position, IsBackwards: false, 1);
            var page = await _store.ReadPage(query, cancellationToken);
            try
            {
                await _router.Take(page.Events[0], cancellationToken);
            }
            catch (ProcessRefusedException refused)
            {
                _history.Add($"    refused: {refused.Message}");
            }
            await RunInstance(cancellationToken);
        }
    }

    /// <summary>Advances the clock and stops at each time when the instance has work to do.</summary>
    public async Task AdvanceClock(string keyword, TimeSpan time, CancellationToken cancellationToken)
    {
        _history.Add(string.Create(CultureInfo.InvariantCulture, $"{keyword} {time:c} pass"));
        var end = _time.GetUtcNow() + time;
        for (var step = 0; ; step++)
        {
            if (step == MaxSteps)
                throw Failed($"The instance had work to do {MaxSteps} times, and does not come to an end.");
            var due = (await Find(cancellationToken))?.Due;
            if (due is null || due > end)
                break;
            if (due > _time.GetUtcNow())
                _time.Advance(due.Value - _time.GetUtcNow());
            await RunInstance(cancellationToken);
        }
        if (end > _time.GetUtcNow())
            _time.Advance(end - _time.GetUtcNow());
    }

    public async Task Decide(Func<Processes, CancellationToken, Task> decide, CancellationToken cancellationToken)
    {
        _history.Add("When a person decides");
        await decide(All, cancellationToken);
        await RunInstance(cancellationToken);
    }

    public void RequireSent(object[] commands)
    {
        var expected = _roundTrip.Display(commands);
        var sent = _roundTrip.Display(_sent.Skip(_partStart));
        var pairs = EventAlignment.Of(expected, sent);
        if (!pairs.TrueForAll(pair => pair.IsSame))
        {
            throw new SpecificationException(
                Text($"Expected {Count(expected.Count)}, but sent {Count(sent.Count)} or different ones.")
                    .Alignment(pairs, expected, sent)
                    .ToString());
        }
    }

    public async Task RequireParts(string[] parts, CancellationToken cancellationToken)
    {
        var info = await Require(cancellationToken);
        if (!info.Steps.Order(StringComparer.Ordinal).SequenceEqual(parts.Order(StringComparer.Ordinal)))
            throw await Differs(
                $"Expected the instance in {Names(parts)}, but it is in {Names(info.Steps)}.", cancellationToken);
    }

    public async Task RequireDue(TimeSpan? after, CancellationToken cancellationToken)
    {
        var remaining = (await Require(cancellationToken)).Due - _time.GetUtcNow();
        if (remaining != after)
            throw await Differs(
                $"Expected the instance due {Describe(after)}, but it is due {Describe(remaining)}.",
                cancellationToken);
    }

    public async Task RequireState(ProcessState state, string? reason, CancellationToken cancellationToken)
    {
        var info = await Require(cancellationToken);
        if (info.State != state)
            throw await Differs(
                $"Expected the instance {state}, but it is {info.State}{ReasonText(info)}.", cancellationToken);
        if (reason is not null && info.Reason?.Contains(reason, StringComparison.Ordinal) != true)
            throw await Differs(
                $"Expected the reason to contain '{reason}', but it is{ReasonText(info)}.", cancellationToken);
    }

    public async Task RequireNone(CancellationToken cancellationToken)
    {
        if (await Find(cancellationToken) is { } info)
            throw await Differs($"Expected no instance, but there is one, {info.State}.", cancellationToken);
    }

    public ValueTask<ProcessInfo?> Find(CancellationToken cancellationToken) =>
        All.Find(_process, _id, cancellationToken);

    private async ValueTask<ProcessInfo> Require(CancellationToken cancellationToken) => await Find(cancellationToken)
        ?? throw Failed($"There is no instance '{_id}' of '{_process}': nothing has started it.");

    private async Task RunInstance(CancellationToken cancellationToken)
    {
        do
        {
            _hasCrashed = false;
            try
            {
                await _runner.Run(_id, committed: null, cancellationToken);
            }
            catch (LeaseLostException) when (_hasCrashed)
            {
                // The next run continues the instance, as another node would.
            }
        }
        while (_hasCrashed);
    }

    /// <summary>Records a command. If the command succeeds, its commit includes the process's own changes.</summary>
    private async Task Send(
        CommandDefinition definition, object command, SendOptions options, CancellationToken cancellationToken)
    {
        var type = command.GetType();
        var crash = Crash;
        Crash = CrashPoint.None;
        if (crash == CrashPoint.BeforeCommit)
            throw NodeCrashed();
        _sent.Add(command);
        var failures = _failures.GetValueOrDefault(type);
        var error = Outcomes.GetValueOrDefault(type)?.Invoke(failures);
        _errors.Add(error);
        if (error is not null)
        {
            _failures[type] = failures + 1;
            throw error;
        }
        _failures.Remove(type);
        var request = new AppendRequest();
        options.Enlistment!.Add(request); // A process always sends an enlistment.
        await _store.Append(request, cancellationToken);
        if (crash == CrashPoint.AfterCommit)
            throw NodeCrashed();
    }

    private LeaseLostException NodeCrashed()
    {
        _hasCrashed = true;
        return new LeaseLostException(_process, 0, "the node has crashed");
    }

    private async Task<SpecificationException> Differs(string problem, CancellationToken cancellationToken)
    {
        var history = await All.History(_process, _id, cancellationToken);
        var entries = history.Select(entry => entry.Step is null ? entry.Kind : $"{entry.Kind} {entry.Step}").ToList();
        return new SpecificationException(Text(problem).Lines("What the instance did", entries).ToString());
    }

    private SpecificationException Failed(string problem) => new(Text(problem).ToString());

    private FailureText Text(string problem) => new FailureText(problem).Lines("So far", _history);

    private static string Count(int commands) => commands switch
    {
        0 => "no command",
        1 => "1 command",
        _ => commands.ToString(CultureInfo.InvariantCulture) + " commands",
    };

    private static string Names(IEnumerable<string> parts) =>
        string.Join(", ", parts.Select(part => $"'{part}'")) is { Length: > 0 } names ? names : "no part";

    private static string Describe(TimeSpan? after) =>
        after is { } time ? string.Create(CultureInfo.InvariantCulture, $"after {time:c}") : "never";

    private static string ReasonText(ProcessInfo info) => info.Reason is null ? "" : $": {info.Reason.TrimEnd('.')}";
}

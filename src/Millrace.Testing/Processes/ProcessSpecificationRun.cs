using System.Globalization;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Testing;

/// <summary>A process as it runs for a specification: what has happened so far, and which commands it sent.</summary>
internal sealed class ProcessSpecificationRun : IAsyncDisposable
{
    private const int MaxSteps = 1_000;
    private static readonly DateTimeOffset Beginning = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly StreamId Elsewhere = new("specification-1");

    private readonly ManualTimeProvider _time;
    private readonly Dictionary<Type, int> _failures = [];
    private readonly List<object> _sent = [];
    private readonly List<Exception?> _came = [];
    private readonly List<string> _history = [];
    private readonly RoundTrip _trip;
    private readonly string _process;
    private readonly string _id;
    private readonly EventStore _store;
    private readonly ProcessEventRouter _intake;
    private readonly ProcessRunner _runner;
    private int _begin;
    private bool _hasDied;

    private ProcessSpecificationRun(
        SpecificationModel model, ProcessDefinition process, string id, EventStore store, ManualTimeProvider time)
    {
        (_process, _id, _store, _time) = (process.Name, id, store, time);
        _trip = new RoundTrip(null) { Named = model };
        var plans = new ProcessPlans(process.Name, [process]);
        _intake = new ProcessEventRouter(store, plans);
        _runner = new ProcessRunner(store, plans, model.Catalog, Send);
    }

    /// <summary>What becomes of commands: an error by the number of failures before, or null.</summary>
    public Dictionary<Type, Func<int, Exception?>> Outcomes { get; } = [];

    /// <summary>Where the node dies when it sends its next command; another one goes on from there.</summary>
    public ProcessDeath Death { get; set; }

    /// <summary>What became of each command that was sent: an error, or null.</summary>
    public IEnumerable<(object Command, Exception? Error)> Sent => _sent.Zip(_came);

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

    /// <summary>How long it is from now until then; nothing when it has passed.</summary>
    public TimeSpan Until(DateTimeOffset then) => then > _time.GetUtcNow() ? then - _time.GetUtcNow() : TimeSpan.Zero;

    /// <summary>A value as it is stored, for people.</summary>
    public string Show(object value) => _trip.Show(value).ToString();

    /// <summary>What follows is looked at from here on.</summary>
    public void Begin() => _begin = _sent.Count;

    public async Task Take(string word, object[] events, CancellationToken cancellationToken)
    {
        foreach (var given in events)
        {
            _history.Add($"{word} {_trip.Show(given)}");
            var result = await _store.Append(Elsewhere, ExpectedVersion.Any, [given], cancellationToken);
            var query = new LogPageQuery(EventFilter.All, result.Position, IsBackwards: false, 1);
            var page = await _store.ReadPage(query, cancellationToken);
            try
            {
                await _intake.Take(page.Events[0], cancellationToken);
            }
            catch (ProcessRefusedException refused)
            {
                _history.Add($"    refused: {refused.Message}");
            }
            await Work(cancellationToken);
        }
    }

    /// <summary>Lets time pass, and stops where the instance has something to do.</summary>
    public async Task Pass(string word, TimeSpan time, CancellationToken cancellationToken)
    {
        _history.Add(string.Create(CultureInfo.InvariantCulture, $"{word} {time:c} pass"));
        var end = _time.GetUtcNow() + time;
        for (var turn = 0; ; turn++)
        {
            if (turn == MaxSteps)
                throw Failed($"The instance had something to do {MaxSteps} times, and comes to no end.");
            var due = (await Find(cancellationToken))?.Due;
            if (due is null || due > end)
                break;
            if (due > _time.GetUtcNow())
                _time.Advance(due.Value - _time.GetUtcNow());
            await Work(cancellationToken);
        }
        if (end > _time.GetUtcNow())
            _time.Advance(end - _time.GetUtcNow());
    }

    public async Task Decide(Func<Processes, CancellationToken, Task> decide, CancellationToken cancellationToken)
    {
        _history.Add("When a person decides");
        await decide(All, cancellationToken);
        await Work(cancellationToken);
    }

    public void RequireSent(object[] commands)
    {
        var expected = _trip.Show(commands);
        var sent = _trip.Show(_sent.Skip(_begin));
        var pairs = EventAlignment.Of(expected, sent);
        if (!pairs.TrueForAll(pair => pair.IsSame))
        {
            throw new SpecificationException(
                Text($"Expected {Count(expected.Count)}, but {Count(sent.Count)} came, or others.")
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
        var left = (await Require(cancellationToken)).Due - _time.GetUtcNow();
        if (left != after)
            throw await Differs($"Expected that it goes on {Say(after)}, but it does {Say(left)}.", cancellationToken);
    }

    public async Task RequireState(ProcessState state, string? reason, CancellationToken cancellationToken)
    {
        var info = await Require(cancellationToken);
        if (info.State != state)
            throw await Differs(
                $"Expected the instance {state}, but it is {info.State}{Why(info)}.", cancellationToken);
        if (reason is not null && info.Reason?.Contains(reason, StringComparison.Ordinal) != true)
            throw await Differs($"Expected the reason to tell '{reason}', but it is{Why(info)}.", cancellationToken);
    }

    public async Task RequireNone(CancellationToken cancellationToken)
    {
        if (await Find(cancellationToken) is { } info)
            throw await Differs($"Expected no instance, but there is one, {info.State}.", cancellationToken);
    }

    public ValueTask<ProcessInfo?> Find(CancellationToken cancellationToken) =>
        All.Find(_process, _id, cancellationToken);

    private async ValueTask<ProcessInfo> Require(CancellationToken cancellationToken) => await Find(cancellationToken)
        ?? throw Failed($"There is no instance '{_id}' of '{_process}': nothing has begun it.");

    private async Task Work(CancellationToken cancellationToken)
    {
        do
        {
            _hasDied = false;
            try
            {
                await _runner.Run(_id, known: null, cancellationToken);
            }
            catch (LeaseLostException) when (_hasDied)
            {
                // Nothing is left of it but what was committed.
            }
        }
        while (_hasDied);
    }

    /// <summary>Notes a command; one that succeeds commits what the process commits with it.</summary>
    private async Task Send(
        CommandDefinition definition, object command, SendOptions options, CancellationToken cancellationToken)
    {
        var (type, death) = (command.GetType(), Death);
        Death = ProcessDeath.None;
        if (death == ProcessDeath.BeforeCommit)
            throw NodeDied();
        _sent.Add(command);
        var failures = _failures.GetValueOrDefault(type);
        var error = Outcomes.GetValueOrDefault(type)?.Invoke(failures);
        _came.Add(error);
        if (error is not null)
        {
            _failures[type] = failures + 1;
            throw error;
        }
        _failures.Remove(type);
        var request = new AppendRequest();
        options.Enlistment!.Add(request); // A process sends none without.
        await _store.Append(request, cancellationToken);
        if (death == ProcessDeath.AfterCommit)
            throw NodeDied();
    }

    private LeaseLostException NodeDied()
    {
        _hasDied = true;
        return new LeaseLostException(_process, 0, "the node is gone");
    }

    private async Task<SpecificationException> Differs(string problem, CancellationToken cancellationToken)
    {
        var history = await All.History(_process, _id, cancellationToken);
        var told = history.Select(entry => entry.Step is null ? entry.What : $"{entry.What} {entry.Step}").ToList();
        return new SpecificationException(Text(problem).Lines("What the instance did", told).ToString());
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

    private static string Say(TimeSpan? after) =>
        after is { } time ? string.Create(CultureInfo.InvariantCulture, $"after {time:c}") : "not by itself";

    private static string Why(ProcessInfo info) => info.Reason is null ? "" : $": {info.Reason.TrimEnd('.')}";
}

using System.Text.Json.Nodes;
using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>
/// Executes commands on a subject and, after each, on a second subject that is replayed from the stored events. Checks
/// that all rules hold and both subjects are equal.
/// </summary>
internal sealed class HistoryRun<T>
    where T : notnull
{
    private readonly HistorySubject<T> _definition;
    private readonly List<HistoryCommand<T>> _commands = [];
    private readonly List<HistoryStep> _steps = [];
    private readonly List<RecordedEvent> _events = [];
    private HistoryProblem? _problem;

    public HistoryRun(HistorySubject<T> definition)
    {
        _definition = definition;
        _events.AddRange(definition.RecordGiven());
        Subject = definition.Load(_events);
    }

    public T Subject { get; private set; }

    public HistoryOutcome<T> Outcome() =>
        new([.. _commands], RoundTrip.Read(_events), [.. _steps], Subject, _problem, _definition.RoundTrip);

    /// <summary>Executes a command, unless a rule was broken before.</summary>
    public void Execute(HistoryCommand<T> command)
    {
        _commands.Add(command);
        if (_problem is not null)
            return;
        var replayed = _definition.Load(_events);
        var before = _definition.IsShared ? _definition.ReadPublicState(Subject) : null;
        var liveResult = TryExecute(Subject, command);
        var replayedResult = TryExecute(replayed, command);
        var refusal = liveResult.Error as MillraceException;
        _steps.Add(new HistoryStep(command.Name, command.Arguments, liveResult.Events, refusal));
        _problem = liveResult is { Mistake: { } mistake, Error: { } error }
            ? new HistoryProblem(Broken($"'{command.Name}' {mistake}: {error.Message.TrimEnd('.')}."), "ThenNothing()")
            : FindMutation(command, before) ?? CompareResults(liveResult, replayedResult);
        if (_problem is not null)
            return;
        _events.AddRange(liveResult.Recorded);
        // An aggregate that refused the command is discarded, as in a command handler.
        Subject = liveResult is { Error: null, After: { } after } ? after : _definition.Load(_events);
        _problem = CompareReplayed() ?? FindBrokenRule();
    }

    private HistoryStepResult<T> TryExecute(T subject, HistoryCommand<T> command)
    {
        try
        {
            return StoreEvents(subject, command.Run(subject));
        }
        catch (MillraceException refusal)
        {
            return HistoryStepResult<T>.Refused(refusal);
        }
#pragma warning disable CA1031 // The exception is the result of the command, and is checked.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return HistoryStepResult<T>.Mistaken(exception, $"threw {exception.GetType().Name}");
        }
    }

    /// <summary>
    /// Stores the raised events and reads them back. An event that cannot be stored or folded is a mistake, not a
    /// refusal.
    /// </summary>
    private HistoryStepResult<T> StoreEvents(T subject, IReadOnlyList<object> raised)
    {
        IReadOnlyList<RecordedEvent> recorded;
        try
        {
            recorded = _definition.RoundTrip.RecordRaised(raised, _events.Count);
        }
        catch (Exception exception) when (exception is MillraceException or SpecificationException)
        {
            return HistoryStepResult<T>.Mistaken(exception, "raised an event that cannot be stored");
        }
        try
        {
            return HistoryStepResult<T>.Passed(recorded, _definition.After(subject, raised));
        }
        catch (MillraceException exception)
        {
            return HistoryStepResult<T>.Mistaken(exception, "raised an event that its own state refuses");
        }
    }

    private HistoryProblem? FindMutation(HistoryCommand<T> command, JsonNode? before)
    {
        if (!_definition.IsShared)
            return null;
        var after = _definition.ReadPublicState(Subject);
        return ValueDifferences.Between(before, after).Count == 0
            ? null
            : new(
                Broken(
                        $"'{command.Name}' changed the state that it was given: states are shared, so that a decision "
                            + "must return another one."
                    )
                    .Differences("State (- before, + after)", before, after));
    }

    private HistoryProblem? CompareResults(HistoryStepResult<T> liveResult, HistoryStepResult<T> replayedResult)
    {
        if (liveResult.Reason != replayedResult.Reason)
        {
            return new(
                Broken(
                    $"Replayed from its events, it decides otherwise: it {replayedResult.Reason ?? "passed"}, "
                        + $"but live it {liveResult.Reason ?? "passed"}."
                )
            );
        }
        var expected = _definition.RoundTrip.Display(liveResult.Events);
        var actual = _definition.RoundTrip.Display(replayedResult.Events);
        return EventComparison.Between(expected, actual) is null
            ? null
            : new(Broken("Replayed from its events, it raises others.")
                .Events("Raised live", expected).Events("Raised when replayed", actual));
    }

    private HistoryProblem? CompareReplayed()
    {
        T replayed;
        try
        {
            replayed = _definition.Load(_events);
        }
#pragma warning disable CA1031 // After any exception, the stream cannot be loaded.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new(
                Broken(
                    $"Replayed from its events, it throws {exception.GetType().Name}: {exception.Message.TrimEnd('.')}."
                )
            );
        }
        IReadOnlyList<ValueDifference> differences = ValueDifferences.Between(
            _definition.ReadPublicState(Subject), _definition.ReadPublicState(replayed));
        if (differences.Count == 0)
            differences = _definition.CompareState(Subject, replayed);
        return differences.Count == 0
            ? null
            : new(
                Broken("Replayed from its events, its state is another one.")
                    .Differences("State (- live, + replayed)", differences));
    }

    private HistoryProblem? FindBrokenRule()
    {
        foreach (var rule in _definition.Always)
        {
            try
            {
                if (!rule.Holds(Subject))
                    return CreateProblem(rule, ".");
            }
#pragma warning disable CA1031 // The assertion may come from any framework.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return CreateProblem(rule, $": {exception.Message}");
            }
        }
        return null;
    }

    private HistoryProblem CreateProblem(HistoryRule<T> rule, string reason)
    {
        var text = Broken($"'{rule.Name}' does not hold{reason}");
        if (rule.UsesState && _definition.ReadState(Subject) is { } state)
            text.Section("State", state.GetRawText());
        return new(text, rule.Code);
    }

    private FailureText Broken(string problem)
    {
        var count = _steps.Count == 1 ? "1 command" : FormattableString.Invariant($"{_steps.Count} commands");
        var text = new FailureText($"After {count}: {problem}");
        if (_definition.Given.Count > 0)
            text.Events("Given", _definition.RoundTrip.Display(_definition.Given));
        return text.Lines("History", HistoryText.Lines(_steps, _definition.RoundTrip));
    }
}

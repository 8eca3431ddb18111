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
    private readonly HistorySubject<T> _rules;
    private readonly List<HistoryCommand<T>> _commands = [];
    private readonly List<HistoryStep> _steps = [];
    private readonly List<RecordedEvent> _events = [];
    private HistoryProblem? _problem;

    public HistoryRun(HistorySubject<T> rules)
    {
        _rules = rules;
        _events.AddRange(rules.RecordGiven());
        Subject = rules.Load(_events);
    }

    public T Subject { get; private set; }

    public HistoryOutcome<T> Outcome() =>
        new([.. _commands], RoundTrip.Read(_events), [.. _steps], Subject, _problem, _rules.Trip);

    /// <summary>Executes a command, unless a rule was broken before.</summary>
    public void Do(HistoryCommand<T> command)
    {
        _commands.Add(command);
        if (_problem is not null)
            return;
        var replayed = _rules.Load(_events);
        var before = _rules.IsShared ? _rules.Show(Subject) : null;
        var live = Try(Subject, command);
        var again = Try(replayed, command);
        _steps.Add(new HistoryStep(command.Name, command.Arguments, live.Events, live.Error as MillraceException));
        _problem = live is { Mistake: { } mistake, Error: { } error }
            ? new HistoryProblem(Broken($"'{command.Name}' {mistake}: {error.Message.TrimEnd('.')}."), "ThenNothing()")
            : CompareAfterCommand(command, before) ?? Compare(live, again);
        if (_problem is not null)
            return;
        _events.AddRange(live.Recorded);
        // A refusing aggregate is discarded, as in a command handler.
        Subject = live is { Error: null, After: { } after } ? after : _rules.Load(_events);
        _problem = CompareReplayed() ?? Rules();
    }

    private HistoryStepResult<T> Try(T subject, HistoryCommand<T> command)
    {
        try
        {
            return Take(subject, command.Run(subject));
        }
        catch (MillraceException refusal)
        {
            return HistoryStepResult<T>.Refused(refusal);
        }
#pragma warning disable CA1031 // The exception is the result of the command, and is checked.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return HistoryStepResult<T>.Wrong(exception, $"threw {exception.GetType().Name}");
        }
    }

    /// <summary>
    /// Reads back the raised events. If they cannot be stored or folded, that is a mistake, not a refusal.
    /// </summary>
    private HistoryStepResult<T> Take(T subject, IReadOnlyList<object> raised)
    {
        IReadOnlyList<RecordedEvent> recorded;
        try
        {
            recorded = _rules.Trip.RecordRaised(raised, _events.Count);
        }
        catch (Exception exception) when (exception is MillraceException or SpecificationException)
        {
            return HistoryStepResult<T>.Wrong(exception, "raised an event that cannot be stored");
        }
        try
        {
            return HistoryStepResult<T>.Passed(recorded, _rules.After(subject, raised));
        }
        catch (MillraceException exception)
        {
            return HistoryStepResult<T>.Wrong(exception, "raised an event that its own state refuses");
        }
    }

    private HistoryProblem? CompareAfterCommand(HistoryCommand<T> command, JsonNode? before)
    {
        if (!_rules.IsShared)
            return null;
        var after = _rules.Show(Subject);
        return ValueDifferences.Between(before, after).Count == 0
            ? null
            : new(
                Broken(
                        $"'{command.Name}' changed the state that it was given: states are shared, so that a decision "
                            + "must return another one."
                    )
                    .Differences("State (- before, + after)", before, after));
    }

    private HistoryProblem? Compare(HistoryStepResult<T> live, HistoryStepResult<T> again)
    {
        if (live.Reason != again.Reason)
        {
            return new(
                Broken(
                    $"Replayed from its events, it decides otherwise: it {again.Reason ?? "passed"}, but live it "
                        + $"{live.Reason ?? "passed"}."
                )
            );
        }
        var expected = _rules.Trip.Show(live.Events);
        var actual = _rules.Trip.Show(again.Events);
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
            replayed = _rules.Load(_events);
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
            _rules.Show(Subject), _rules.Show(replayed));
        if (differences.Count == 0)
            differences = _rules.CompareState(Subject, replayed);
        return differences.Count == 0
            ? null
            : new(
                Broken("Replayed from its events, its state is another one.")
                    .Differences("State (- live, + replayed)", differences));
    }

    private HistoryProblem? Rules()
    {
        foreach (var rule in _rules.Always)
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
        if (rule.UsesState && _rules.ReadState(Subject) is { } state)
            text.Section("State", state.GetRawText());
        return new(text, rule.Code);
    }

    private FailureText Broken(string problem)
    {
        var count = _steps.Count == 1 ? "1 command" : FormattableString.Invariant($"{_steps.Count} commands");
        var text = new FailureText($"After {count}: {problem}");
        if (_rules.Given.Count > 0)
            text.Events("Given", _rules.Trip.Show(_rules.Given));
        return text.Lines("History", HistoryText.Lines(_steps, _rules.Trip));
    }
}

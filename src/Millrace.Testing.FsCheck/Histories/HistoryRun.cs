namespace Millrace.Testing;

/// <summary>
/// Has an aggregate do command after command, beside one that is replayed from its stored events each time, and looks whether all rules
/// hold and the two are one.
/// </summary>
internal sealed class HistoryRun<TAggregate>
    where TAggregate : Aggregate
{
    private readonly HistoryRules<TAggregate> _rules;
    private readonly List<HistoryCommand<TAggregate>> _commands = [];
    private readonly List<HistoryStep> _steps = [];
    private readonly List<object> _events = [];
    private FailureText? _problem;

    public HistoryRun(HistoryRules<TAggregate> rules)
    {
        _rules = rules;
        _events.AddRange(rules.ReadGiven());
        Aggregate = rules.Create(_events);
    }

    public TAggregate Aggregate { get; private set; }

    public AggregateHistory<TAggregate> ToHistory() => new([.. _commands], [.. _events], [.. _steps], Aggregate, _problem);

    /// <summary>Does a command, unless a rule has been broken before.</summary>
    public void Do(HistoryCommand<TAggregate> command)
    {
        _commands.Add(command);
        if (_problem is not null)
            return;
        var replayed = _rules.Create(_events);
        var live = Try(Aggregate, command, out var error);
        var again = Try(replayed, command, out var otherError);
        _steps.Add(new HistoryStep(command.Name, command.Arguments, live, error as MillraceException));
        _problem = error is null or MillraceException
            ? Compare(live, again, error, otherError)
            : Broken($"'{command.Name}' {Mistake(error)}: {error.Message.TrimEnd('.')}.");
        if (_problem is not null)
            return;
        _events.AddRange(live);
        if (error is not null)
            Aggregate = _rules.Create(_events); // A handler's aggregate is thrown away, too, when it refuses.
        _problem = CompareStates() ?? Rules();
    }

    private List<object> Try(TAggregate aggregate, HistoryCommand<TAggregate> command, out Exception? error)
    {
        error = null;
        try
        {
            command.Run(aggregate);
        }
#pragma warning disable CA1031 // What the domain throws is what came of it, and is looked at.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error = exception;
            return [];
        }
        return Take(aggregate, out error);
    }

    /// <summary>What was raised, as it is read back. That it cannot be stored is a mistake, and no refusal.</summary>
    private List<object> Take(TAggregate aggregate, out Exception? error)
    {
        error = null;
        var raised = new List<object>();
        try
        {
            for (var i = 0; i < aggregate.Raised.Count; i++)
                raised.AddRange(_rules.Trip.Read(aggregate.Raised[i], $"Raised event {i + 1}"));
        }
        catch (MillraceException exception)
        {
            error = new SpecificationException(exception.Message, exception);
            return [];
        }
        catch (SpecificationException exception)
        {
            error = exception;
            return [];
        }
        aggregate.Committed(aggregate.Version);
        return raised;
    }

    private FailureText? Compare(List<object> live, List<object> again, Exception? error, Exception? otherError)
    {
        var (reason, otherReason) = (ReasonOf(error), ReasonOf(otherError));
        if (reason != otherReason)
        {
            return Broken(
                $"Replayed from its events, it decides otherwise: it {otherReason ?? "passed"}, but live it {reason ?? "passed"}.");
        }
        var (expected, actual) = (_rules.Trip.Show(live), _rules.Trip.Show(again));
        return EventComparison.Between(expected, actual) is null
            ? null
            : Broken("Replayed from its events, it raises others.").Events("Raised live", expected).Events("Raised when replayed", actual);
    }

    private FailureText? CompareStates()
    {
        var replayed = _rules.Create(_events);
        var (live, again) = (ValueTree.Of(Aggregate), ValueTree.Of(replayed));
        if (ValueDifferences.Between(live, again).Count == 0 && _rules.HaveSameSnapshot(Aggregate, replayed))
            return null;
        return Broken("Replayed from its events, its state is another one.").Differences("State (- live, + replayed)", live, again);
    }

    private FailureText? Rules()
    {
        foreach (var (name, holds) in _rules.Always)
        {
            try
            {
                if (!holds(Aggregate))
                    return Broken($"'{name}' does not hold.");
            }
#pragma warning disable CA1031 // An assertion of whatever framework.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return Broken($"'{name}' does not hold: {exception.Message}");
            }
        }
        return null;
    }

    private FailureText Broken(string problem)
    {
        var count = _steps.Count == 1 ? "1 command" : FormattableString.Invariant($"{_steps.Count} commands");
        var text = new FailureText($"After {count}: {problem}");
        if (_rules.Given.Count > 0)
            text.Events("Given", _rules.Trip.Show(_rules.Given));
        return text.Lines("History", HistoryText.Lines(_steps, _rules.Trip));
    }

    private static string Mistake(Exception error) =>
        error is SpecificationException ? "raised what cannot be stored" : $"threw {error.GetType().Name}";

    private static string? ReasonOf(Exception? error) => error switch
    {
        null => null,
        InvariantViolatedException violated => $"was refused by '{violated.Invariant}'",
        _ => $"threw {error.GetType().Name}",
    };
}

namespace Millrace.Tests.Processes;

/// <summary>
/// Checks the rules that must hold after each event of a trade. The rules use the stream, the effects and the external
/// requests of the trade, and not the runtime.
/// </summary>
internal sealed class TradeRules
{
    public static readonly IReadOnlyList<(string Step, string? Undo)> Steps =
        [("reserve", "release"), ("pay", "refund"), ("print", null), ("ship", null)];

    private readonly List<string> _problems = [];
    private readonly List<string> _order = [];
    private readonly HashSet<string> _open = [];
    private readonly HashSet<string> _undoing = [];
    private readonly HashSet<string> _doneSteps = [];
    private readonly Dictionary<string, int> _started = [];
    private readonly Dictionary<string, int> _done = [];
    private readonly Dictionary<string, int> _undoStarted = [];
    private readonly Dictionary<string, int> _undone = [];
    private bool _isCompensating;
    private bool _hasPassedNoReturn;
    private bool _hasEnded;
    private int _lastUndone;

    private TradeRules()
    {
    }

    /// <summary>Returns the violations of the rules. The list is empty when all rules hold.</summary>
    /// <param name="history">The history entries of the trade.</param>
    /// <param name="work">The effects of the commands, in order.</param>
    /// <param name="outside">The requests to external services, with their ids.</param>
    public static IReadOnlyList<string> Problems(
        IReadOnlyList<ProcessEntry> history, IReadOnlyList<string> work, IEnumerable<(string Name, Guid Id)> outside)
    {
        var rules = new TradeRules();
        foreach (var entry in history)
            rules.Take(entry, entry.Step ?? "");
        rules.Compare(work, outside.Distinct().ToLookup(request => request.Name, request => request.Id));
        return rules._problems;
    }

    private void Take(ProcessEntry entry, string step)
    {
        Require(
            !_hasEnded || entry.Kind is "resumed" or "moved" or "cancel-asked",
            $"{entry.Kind} {step} comes after the end");
        switch (entry.Kind)
        {
            case "step-begun":
                Begin(step);
                break;
            case "step-done":
                Require(_open.Remove(step), $"'{step}' is done, and was not started");
                Increment(_done, step);
                _doneSteps.Add(step);
                break;
            case "step-failed":
                Require(_open.Remove(step), $"'{step}' failed, and was not started");
                break;
            case "passed-no-return":
                _hasPassedNoReturn = true;
                break;
            case "compensating":
                Require(!_hasPassedNoReturn, "it is undone after the point of no return");
                (_isCompensating, _lastUndone) = (true, int.MaxValue);
                break;
            case "resumed" or "moved":
                Continue(entry);
                break;
            case "held":
                Require(!string.IsNullOrWhiteSpace(entry.Reason), "it is held without a reason");
                break;
            case "completed":
                Require(_open.Count == 0, $"it is completed while {string.Join(", ", _open)} is open");
                _hasEnded = true;
                break;
            case "compensated":
                var notUndone = Steps
                    .Where(listed => listed.Undo is not null && _doneSteps.Contains(listed.Step))
                    .Select(listed => listed.Step)
                    .ToList();
                Require(notUndone.Count == 0, $"it is compensated, but {string.Join(", ", notUndone)} stands");
                _hasEnded = true;
                break;
            default:
                RecordUndo(entry.Kind, step);
                break;
        }
    }

    private void RecordUndo(string kind, string step)
    {
        switch (kind)
        {
            case "compensation-begun":
                var index = _order.IndexOf(step);
                Require(_isCompensating && !_hasPassedNoReturn, $"'{step}' is undone while the trade goes forward");
                Require(index >= 0 && index < _lastUndone, $"'{step}' is not undone in reverse");
                Require(_undoing.Add(step), $"the undoing of '{step}' started twice");
                Increment(_undoStarted, step);
                _lastUndone = index;
                break;
            case "compensation-done":
                Require(_undoing.Remove(step), $"'{step}' is undone, and that was not started");
                Increment(_undone, step);
                _open.Remove(step);
                _doneSteps.Remove(step);
                break;
            case "compensation-failed":
                _undoing.Remove(step);
                break;
        }
    }

    private void Begin(string step)
    {
        Require(!_isCompensating, $"'{step}' started while the trade is undone");
        Require(_open.Add(step), $"'{step}' started twice");
        if (!_order.Contains(step))
            _order.Add(step);
        Increment(_started, step);
    }

    /// <summary>
    /// Handles the decision of an operator to continue the trade, either at its current step or at a given step.
    /// </summary>
    private void Continue(ProcessEntry decision)
    {
        (_hasEnded, _lastUndone) = (false, int.MaxValue);
        if (decision.Step is null)
            return;
        _isCompensating = false;
        foreach (var (step, _) in Steps.SkipWhile(listed => decision.Kind == "resumed" && listed.Step != decision.Step))
            _open.Remove(step); // Steps before the resumed step are still open.
    }

    private void Compare(IReadOnlyList<string> work, ILookup<string, Guid> outside)
    {
        foreach (var (step, undo) in Steps)
        {
            Compare(step, CountOf(_done, step), work.Count(name => name == step));
            RequireOnce(step, CountOf(_started, step), outside);
            if (undo is null)
                continue;
            Compare(undo, CountOf(_undone, step), work.Count(name => name == undo));
            RequireOnce(undo, CountOf(_undoStarted, step), outside);
        }
    }

    private void Compare(string name, int expected, int done) =>
        Require(expected == done, $"'{name}' was done {done} times, and the trade has {expected}");

    private void RequireOnce(string name, int begun, ILookup<string, Guid> outside) =>
        Require(
            outside[name].Count() <= begun,
            $"'{name}' started {begun} times, and was requested outside with {outside[name].Count()} ids");

    private void Require(bool holds, string problem)
    {
        if (!holds)
            _problems.Add(problem);
    }

    private static void Increment(Dictionary<string, int> counts, string name) =>
        counts[name] = CountOf(counts, name) + 1;

    private static int CountOf(Dictionary<string, int> counts, string name) => counts.GetValueOrDefault(name);
}

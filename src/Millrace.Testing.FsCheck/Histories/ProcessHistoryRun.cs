using System.Globalization;

namespace Millrace.Testing;

/// <summary>A history of an instance: what is to happen, and, once it was run, what came of it.</summary>
internal sealed class ProcessHistoryRun(ProcessSubject subject, IReadOnlyList<ProcessHistoryAction> happenings)
{
    private readonly List<string> _lines = [];
    private readonly ProcessHistoryState _past = new(subject.Process.Name, subject.Id);
    private int _done;
    private int _reportedCount;

    /// <summary>How much was to happen.</summary>
    public int Length => happenings.Count;

    /// <summary>The rule that did not hold; null when all did.</summary>
    public FailureText? Problem { get; private set; }

    /// <summary>The same with a part of it left out, large parts first, then one after the other.</summary>
    public IEnumerable<ProcessHistoryRun> Shorter()
    {
        for (var part = happenings.Count; part > 0; part /= 2)
        {
            for (var from = 0; from + part <= happenings.Count; from += part)
                yield return new(subject, [.. happenings.Where((_, i) => i < from || i >= from + part)]);
        }
    }

    /// <summary>Has it happen, and says whether all rules hold.</summary>
    public async Task<bool> Holds()
    {
        var cancel = CancellationToken.None;
        await using var trial = await ProcessSpecificationRun.Start(
            subject.RequireModel(), subject.Process, subject.Id, cancel);
        var before = await Look(trial, cancel);
        foreach (var happening in happenings)
        {
            _done++;
            if (!await Happens(happening, trial, cancel))
                return false;
            var after = await Look(trial, cancel);
            if (ProcessRules.ProblemOf(before, after, IsOfPerson(happening)) is { } problem
                || (problem = await Listed(trial, after, cancel)) is not null
                || (problem = Broken(subject.Always, after)) is not null)
                return Fails(problem);
            before = after;
        }
        return await Ends(trial, cancel);
    }

    /// <summary>Has all be done that is due, until only an event or a person could change anything.</summary>
    private async Task<bool> Ends(ProcessSpecificationRun trial, CancellationToken cancellationToken)
    {
        var ended = new ProcessHistoryAction(
            "time passes until nothing is due any more",
            static async (running, _, cancel) =>
            {
                for (var turn = 0; await running.Find(cancel) is { Due: { } due }; turn++)
                {
                    if (turn == 1_000)
                        throw new SpecificationException("The instance goes on for ever.");
                    await running.Pass("When", running.Until(due), cancel);
                }
            }
        );
        if (!await Happens(ended, trial, cancellationToken))
            return false;
        var last = await Look(trial, cancellationToken);
        return (
                ProcessRules.FindFinalProblem(last, subject.Process)
                ?? Broken(subject.Always, last)
                ?? Broken(subject.InTheEnd, last))
                is not { } problem
            || Fails(problem);
    }

    private async Task<bool> Happens(
        ProcessHistoryAction happening, ProcessSpecificationRun trial, CancellationToken cancellationToken)
    {
        var told = happening.Data is { } data ? trial.Show(data) : happening.Text;
        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{_done}. {told}"));
        try
        {
            await happening.Do(trial, _past, cancellationToken);
        }
        catch (MillraceException refused) when (refused is ProcessRefusedException or ProcessNotFoundException)
        {
            _lines.Add("   refused: " + refused.Message);
        }
#pragma warning disable CA1031 // Whatever the process throws is what came of it, and is told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Tell(trial, null);
            return Fails($"it threw {exception.GetType().Name}: {exception.Message.TrimEnd('.')}");
        }
        Tell(trial, await trial.Find(cancellationToken));
        return true;
    }

    private async Task<ProcessHistory> Look(ProcessSpecificationRun trial, CancellationToken cancellationToken) => new(
        await trial.Find(cancellationToken), [.. trial.Sent],
        await trial.All.History(subject.Process.Name, subject.Id, cancellationToken));

    /// <summary>What a list shows is what the stream tells.</summary>
    private async Task<string?> Listed(
        ProcessSpecificationRun trial, ProcessHistory history, CancellationToken cancellationToken)
    {
        var page = await trial.All.List(new ProcessQuery { Process = subject.Process.Name }, cancellationToken);
        var listed = page.Instances.FirstOrDefault(one => one.Id == subject.Id);
        return listed?.State == history.Info?.State && listed?.Due == history.Info?.Due
            ? null
            : $"a list shows it {listed?.State.ToString() ?? "not at all"}, "
                + $"but its stream tells {history.Info?.State.ToString() ?? "nothing"}";
    }

    private static string? Broken(List<(string Name, Func<ProcessHistory, bool> Holds)> rules, ProcessHistory history)
    {
        foreach (var (name, holds) in rules)
        {
            try
            {
                if (!holds(history))
                    return $"'{name}' does not hold";
            }
#pragma warning disable CA1031 // An assertion of whatever framework.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return $"'{name}' does not hold: {exception.Message.TrimEnd('.')}";
            }
        }
        return null;
    }

    private static bool IsOfPerson(ProcessHistoryAction happening) =>
        happening == ProcessHistoryAction.Resumed || happening == ProcessHistoryAction.Cancelled;

    private void Tell(ProcessSpecificationRun trial, ProcessInfo? info)
    {
        foreach (var (command, error) in trial.Sent.Skip(_reportedCount))
        {
            _lines.Add($"   sends {trial.Show(command)}{(error is null ? "" : ": " + error.Message)}");
            _reportedCount++;
        }
        if (info is not null)
            _lines.Add($"   it is {info.State}{(info.Steps.Count == 0 ? "" : " in " + string.Join(", ", info.Steps))}");
    }

    private bool Fails(string problem)
    {
        var count = _done == 1 ? "1 happening" : string.Create(CultureInfo.InvariantCulture, $"{_done} happenings");
        Problem = new FailureText($"After {count}: {problem}.").Lines("History", _lines);
        return false;
    }
}

using System.Globalization;
using Millrace.Testing.Differences;
using Millrace.Testing.ProcessManagers;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>A history of an instance: its steps and, once it was executed, the result.</summary>
internal sealed class ProcessHistoryRun(ProcessSubject subject, IReadOnlyList<ProcessHistoryAction> steps)
{
    private readonly List<string> _lines = [];
    private readonly ProcessHistoryState _state = new(subject.Process.Name, subject.Id);
    private int _stepCount;
    private int _reportedCount;

    /// <summary>Gets the number of steps.</summary>
    public int Length => steps.Count;

    /// <summary>Gets the broken rule, or null if all held.</summary>
    public FailureText? Problem { get; private set; }

    /// <summary>Returns histories without a part of the steps, from large parts to single steps.</summary>
    public IEnumerable<ProcessHistoryRun> Shorter()
    {
        for (var part = steps.Count; part > 0; part /= 2)
        {
            for (var from = 0; from + part <= steps.Count; from += part)
                yield return new(subject, [.. steps.Where((_, i) => i < from || i >= from + part)]);
        }
    }

    /// <summary>Executes the steps, and returns true if all rules hold.</summary>
    public async Task<bool> Holds()
    {
        var cancel = CancellationToken.None;
        await using var run = await ProcessSpecificationRun.Start(
            subject.RequireModel(), subject.Process, subject.Id, cancel);
        var before = await ReadHistory(run, cancel);
        foreach (var step in steps)
        {
            _stepCount++;
            if (!await Execute(step, run, cancel))
                return false;
            var after = await ReadHistory(run, cancel);
            if (ProcessRules.ProblemOf(before, after, IsByOperator(step)) is { } problem
                || (problem = await CompareWithList(run, after, cancel)) is not null
                || (problem = FindBrokenRule(subject.Always, after)) is not null)
                return RecordFailure(problem);
            before = after;
        }
        return await Finish(run, cancel);
    }

    /// <summary>Executes all due work, until only an event or an operator could change anything.</summary>
    private async Task<bool> Finish(ProcessSpecificationRun run, CancellationToken cancellationToken)
    {
        var finalStep = new ProcessHistoryAction(
            "time passes until nothing is due any more",
            static async (running, _, cancel) =>
            {
                for (var count = 0; await running.Find(cancel) is { Due: { } due }; count++)
                {
                    if (count == 1_000)
                        throw new SpecificationException("The instance never comes to an end.");
                    await running.AdvanceClock("When", running.Until(due), cancel);
                }
            }
        );
        if (!await Execute(finalStep, run, cancellationToken))
            return false;
        var last = await ReadHistory(run, cancellationToken);
        return (
                ProcessRules.FindFinalProblem(last, subject.Process)
                ?? FindBrokenRule(subject.Always, last)
                ?? FindBrokenRule(subject.InTheEnd, last))
                is not { } problem
            || RecordFailure(problem);
    }

    private async Task<bool> Execute(
        ProcessHistoryAction step, ProcessSpecificationRun run, CancellationToken cancellationToken)
    {
        var description = step.Data is { } data ? run.Display(data) : step.Text;
        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{_stepCount}. {description}"));
        try
        {
            await step.Do(run, _state, cancellationToken);
        }
        catch (MillraceException refused) when (refused is ProcessRefusedException or ProcessNotFoundException)
        {
            _lines.Add("   refused: " + refused.Message);
        }
#pragma warning disable CA1031 // Any exception of the process is reported.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Report(run, null);
            return RecordFailure($"it threw {exception.GetType().Name}: {exception.Message.TrimEnd('.')}");
        }
        Report(run, await run.Find(cancellationToken));
        return true;
    }

    private async Task<ProcessHistory> ReadHistory(
        ProcessSpecificationRun run, CancellationToken cancellationToken) => new(
        await run.Find(cancellationToken), [.. run.Sent],
        await run.All.History(subject.Process.Name, subject.Id, cancellationToken));

    /// <summary>Returns how the instance in a list differs from its stream; null if both agree.</summary>
    private async Task<string?> CompareWithList(
        ProcessSpecificationRun run, ProcessHistory history, CancellationToken cancellationToken)
    {
        var page = await run.All.List(new ProcessQuery { Process = subject.Process.Name }, cancellationToken);
        var listed = page.Instances.FirstOrDefault(one => one.Id == subject.Id);
        return listed?.State == history.Info?.State && listed?.Due == history.Info?.Due
            ? null
            : $"a list shows it {listed?.State.ToString() ?? "not at all"}, "
                + $"but its stream shows {history.Info?.State.ToString() ?? "nothing"}";
    }

    private static string? FindBrokenRule(
        List<(string Name, Func<ProcessHistory, bool> Holds)> rules, ProcessHistory history)
    {
        foreach (var (name, holds) in rules)
        {
            try
            {
                if (!holds(history))
                    return $"'{name}' does not hold";
            }
#pragma warning disable CA1031 // The assertion may come from any framework.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return $"'{name}' does not hold: {exception.Message.TrimEnd('.')}";
            }
        }
        return null;
    }

    private static bool IsByOperator(ProcessHistoryAction step) =>
        step == ProcessHistoryAction.Resumed || step == ProcessHistoryAction.Cancelled;

    private void Report(ProcessSpecificationRun run, ProcessInfo? info)
    {
        foreach (var (command, error) in run.Sent.Skip(_reportedCount))
        {
            _lines.Add($"   sends {run.Display(command)}{(error is null ? "" : ": " + error.Message)}");
            _reportedCount++;
        }
        if (info is not null)
            _lines.Add($"   it is {info.State}{(info.Steps.Count == 0 ? "" : " in " + string.Join(", ", info.Steps))}");
    }

    private bool RecordFailure(string problem)
    {
        var count = _stepCount == 1 ? "1 step" : string.Create(CultureInfo.InvariantCulture, $"{_stepCount} steps");
        Problem = new FailureText($"After {count}: {problem}.").Lines("History", _lines);
        return false;
    }
}

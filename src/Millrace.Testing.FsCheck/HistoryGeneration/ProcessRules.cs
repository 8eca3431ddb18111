using Millrace.ProcessManagers;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>The rules that every process must follow.</summary>
internal static class ProcessRules
{
    private const string StepDone = "step-done";
    private const string CompensationStarted = "compensation-begun";
    private const string Undone = "compensation-done";

    /// <summary>Returns the problem after a step, or null if there is none.</summary>
    /// <param name="before">The history before the step.</param>
    /// <param name="after">The history after the step.</param>
    /// <param name="isByOperator">True if an operator acted.</param>
    public static string? ProblemOf(ProcessHistory before, ProcessHistory after, bool isByOperator) =>
        RepeatedStepProblem(after)
        ?? EndedInstanceProblem(before, after, isByOperator)
        ?? LateCompensationProblem(after);

    /// <summary>Returns the problem when no work is due, or null if there is none.</summary>
    public static string? FindFinalProblem(ProcessHistory history, ProcessDefinition process)
    {
        if (history.Info is not { } info)
            return null;
        var waits = info.Steps.Any(step => process.Plan.Find(step) is AwaitNode);
        if ((info.State == ProcessState.Running && !waits) || info.State == ProcessState.Compensating)
            return $"it is {info.State} for ever: nothing is due, and it waits for no event";
        return info.State == ProcessState.Compensated ? MissingCompensationProblem(history, process) : null;
    }

    private static string? RepeatedStepProblem(ProcessHistory history) => history.Entries
        .Where(entry => entry.Kind == StepDone)
        .GroupBy(entry => entry.Step, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { } again
        ? $"the step '{again.Key}' was done more than once"
        : null;

    private static string? EndedInstanceProblem(ProcessHistory before, ProcessHistory after, bool isByOperator) =>
        !isByOperator && before.Info is { State: ProcessState.Completed or ProcessState.Compensated } ended
            && after.Sent.Count > before.Sent.Count
            ? $"it was {ended.State}, and sends another command"
            : null;

    private static string? LateCompensationProblem(ProcessHistory history)
    {
        var passed = history.Entries.FirstOrDefault(entry => entry.Kind == "passed-no-return");
        return
            passed is not null
            && history.Entries.FirstOrDefault(entry =>
                entry.Kind == CompensationStarted && entry.Version > passed.Version)
                is { } undone
            ? $"'{undone.Step}' is compensated after the point of no return"
            : null;
    }

    private static string? MissingCompensationProblem(ProcessHistory history, ProcessDefinition process)
    {
        var undone = history.Entries.Where(entry => entry.Kind == Undone).Select(entry => entry.Step).ToHashSet();
        return history.Entries.FirstOrDefault(entry => entry.Kind == StepDone && !undone.Contains(entry.Step)
            && entry.Step is { } step && process.Plan.Find(step) is StepNode { Undo: not null }) is { } missing
            ? $"it is compensated, but '{missing.Step}' was not undone"
            : null;
    }
}

using System.Globalization;
using Millrace.Testing.ProcessManagers;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>A step of a process history.</summary>
/// <param name="Text">The description in failures. An event is described by its content.</param>
/// <param name="Do">Executes the step, given the history so far.</param>
internal sealed record ProcessHistoryAction(
    string Text, Func<ProcessSpecificationRun, ProcessHistoryState, CancellationToken, Task> Do)
{
    /// <summary>Gets a step in which time passes until the instance has work to do.</summary>
    public static ProcessHistoryAction NextIsDue { get; } =
        new(
            "time passes until it has work to do",
            async (run, _, cancel) =>
            {
                if (await run.Find(cancel) is { Due: { } due })
                    await run.AdvanceClock("When", run.Until(due), cancel);
            }
        );

    /// <summary>Gets a step in which an operator resumes a held instance.</summary>
    public static ProcessHistoryAction Resumed { get; } =
        new(
            "an operator resumes it",
            static (run, history, cancel) =>
                run.Decide(
                    (processes, stop) => processes.Resume(
                        history.Process, history.Id, "operator", cancellationToken: stop),
                    cancel));

    /// <summary>Gets a step in which an operator cancels the instance.</summary>
    public static ProcessHistoryAction Cancelled { get; } =
        new(
            "an operator cancels it",
            static (run, history, cancel) =>
                run.Decide(
                    (processes, stop) => processes.Cancel(
                        history.Process, history.Id, "operator", cancellationToken: stop),
                    cancel));

    /// <summary>Gets the event; null for other steps.</summary>
    public object? Data { get; private init; }

    public static ProcessHistoryAction Event(object data) => new("", (run, history, cancel) =>
    {
        history.Events.Add(data);
        return run.PassEvents("When", [data], cancel);
    })
    {
        Data = data,
    };

    /// <summary>Returns a step in which an earlier event arrives again; no effect without an earlier event.</summary>
    /// <param name="index">The index of the event, modulo the number of events.</param>
    public static ProcessHistoryAction Again(int index) =>
        new(
            "an earlier event arrives again",
            (run, history, cancel) =>
                history.Events.Count == 0
                    ? Task.CompletedTask
                    : run.PassEvents("When", [history.Events[index % history.Events.Count]], cancel));

    public static ProcessHistoryAction Passes(TimeSpan time) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"{time:c} pass"),
            (run, _, cancel) => run.AdvanceClock("When", time, cancel));

    public static ProcessHistoryAction Refuses(Type command) =>
        new(
            $"{command.Name} is refused from here on",
            (run, _, _) =>
            {
                run.Outcomes[command] = static _ => new InvariantViolatedException(
                    "history", "refused", "It is refused.");
                return Task.CompletedTask;
            }
        );

    /// <param name="command">The command.</param>
    /// <param name="times">The number of failures; null for no limit.</param>
    public static ProcessHistoryAction Fails(Type command, int? times) =>
        new(
            $"{command.Name} fails "
                + (times is { } count
                    ? string.Create(CultureInfo.InvariantCulture, $"{count} times")
                    : "from here on"),
            (run, _, _) =>
            {
                run.Outcomes[command] = failures =>
                    failures < (times ?? int.MaxValue) ? new TimeoutException("It does not answer.") : null;
                return Task.CompletedTask;
            }
        );

    public static ProcessHistoryAction Accepts(Type command) =>
        new(
            $"{command.Name} is accepted from here on",
            (run, _, _) =>
            {
                run.Outcomes.Remove(command);
                return Task.CompletedTask;
            }
        );

    public static ProcessHistoryAction Crashes(CrashPoint crash) =>
        new(
            $"the node crashes {(crash == CrashPoint.BeforeCommit ? "before" : "after")} the commit of its "
                + "next command",
            (run, _, _) =>
            {
                run.Crash = crash;
                return Task.CompletedTask;
            }
        );
}

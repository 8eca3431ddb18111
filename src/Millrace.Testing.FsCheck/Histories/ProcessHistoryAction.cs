using System.Globalization;

namespace Millrace.Testing;

/// <summary>Something that happens to an instance of a process.</summary>
/// <param name="Text">How a failure tells it; of an event it is told by what it holds.</param>
/// <param name="Do">Has it happen; it is given what has come before.</param>
internal sealed record ProcessHistoryAction(
    string Text, Func<ProcessSpecificationRun, ProcessHistoryState, CancellationToken, Task> Do)
{
    /// <summary>Time passes until the instance has something to do.</summary>
    public static ProcessHistoryAction NextIsDue { get; } =
        new(
            "time passes until it goes on by itself",
            async (trial, _, cancel) =>
            {
                if (await trial.Find(cancel) is { Due: { } due })
                    await trial.Pass("When", trial.Until(due), cancel);
            }
        );

    /// <summary>A person has a held instance go on.</summary>
    public static ProcessHistoryAction Resumed { get; } =
        new(
            "a person resumes it",
            static (trial, past, cancel) =>
                trial.Decide(
                    (processes, stop) => processes.Resume(past.Process, past.Id, "somebody", cancellationToken: stop),
                    cancel));

    /// <summary>A person has it undone.</summary>
    public static ProcessHistoryAction Cancelled { get; } =
        new(
            "a person cancels it",
            static (trial, past, cancel) =>
                trial.Decide(
                    (processes, stop) => processes.Cancel(past.Process, past.Id, "somebody", cancellationToken: stop),
                    cancel));

    /// <summary>The event that it is; null for anything else.</summary>
    public object? Data { get; private init; }

    public static ProcessHistoryAction Event(object data) => new("", (trial, past, cancel) =>
    {
        past.Events.Add(data);
        return trial.Take("When", [data], cancel);
    })
    {
        Data = data,
    };

    /// <summary>An event that has come comes again; nothing where none has.</summary>
    /// <param name="which">Which of them, counted around.</param>
    public static ProcessHistoryAction Again(int which) =>
        new(
            "an earlier event comes again",
            (trial, past, cancel) =>
                past.Events.Count == 0
                    ? Task.CompletedTask
                    : trial.Take("When", [past.Events[which % past.Events.Count]], cancel));

    public static ProcessHistoryAction Passes(TimeSpan time) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"{time:c} pass"),
            (trial, _, cancel) => trial.Pass("When", time, cancel));

    public static ProcessHistoryAction Refuses(Type command) =>
        new(
            $"{command.Name} is refused from here on",
            (trial, _, _) =>
            {
                trial.Outcomes[command] = static _ => new InvariantViolatedException(
                    "history", "refused", "It is refused.");
                return Task.CompletedTask;
            }
        );

    /// <param name="command">The command.</param>
    /// <param name="times">How often; null for ever.</param>
    public static ProcessHistoryAction Fails(Type command, int? times) =>
        new(
            $"{command.Name} fails "
                + (times is { } count
                    ? string.Create(CultureInfo.InvariantCulture, $"{count} times")
                    : "from here on"),
            (trial, _, _) =>
            {
                trial.Outcomes[command] = failures =>
                    failures < (times ?? int.MaxValue) ? new TimeoutException("It does not answer.") : null;
                return Task.CompletedTask;
            }
        );

    public static ProcessHistoryAction Accepts(Type command) =>
        new(
            $"{command.Name} is accepted from here on",
            (trial, _, _) =>
            {
                trial.Outcomes.Remove(command);
                return Task.CompletedTask;
            }
        );

    public static ProcessHistoryAction Dies(ProcessDeath death) =>
        new(
            $"the node dies {(death == ProcessDeath.BeforeCommit ? "before" : "after")} the commit of its next command",
            (trial, _, _) =>
            {
                trial.Death = death;
                return Task.CompletedTask;
            }
        );
}

using Millrace.Commands;

namespace Millrace.Scheduling;

/// <summary>Applies a user's edits to schedules, and validates them.</summary>
internal sealed class ScheduleEditor(ICommandCatalog? commands)
{
    private ICommandCatalog Commands =>
        commands
        ?? throw new InvalidOperationException(
            "These schedules do not know the application's commands: use the Schedules of its ModelCatalog.");

    /// <summary>Applies an edit to earlier edits, and validates its command.</summary>
    public ScheduleOverride Merge(string name, ScheduleOverride? before, ScheduleEdit edit, DateTimeOffset now)
    {
        var merged = (before ?? new ScheduleOverride { Decision = new ScheduleDecision(null, null, now) })
            .With(edit, now);
        if (edit.Command is null && edit.Body is null)
            return merged;
        if (merged.Command is not { } command)
        {
            throw new ScheduleRefusedException(
                name, "The code creates its command: name the command that the JSON is for.");
        }
        var body = edit.Body ?? (command == before?.Command ? before.Body : null) ?? TimerStore.NoMembers;
        return merged with
        {
            Body = StoredCommand.Check(Commands, command, body),
            CommandId = Guid.CreateVersion7(now), // Runs with another command have other command ids.
            CommandBy = edit.By,
        };
    }

    /// <summary>Returns an edit that sends a command.</summary>
    public ScheduleEdit WithCommand<TResult>(ICommand<TResult> command, ScheduleEdit? edit)
    {
        ArgumentNullException.ThrowIfNull(command);
        var (name, body) = StoredCommand.Write(Commands, command);
        return (edit ?? new ScheduleEdit()) with { Command = name, Body = body };
    }

    /// <summary>Checks that the user of an edit may send the edited command.</summary>
    /// <exception cref="AccessDeniedException">The user may not send it.</exception>
    public ValueTask CheckAccess(ScheduleRecord after, ScheduleEdit edit, CancellationToken cancellationToken) =>
        (edit.Command is not null || edit.Body is not null) && after.Edit is { Command: { } command, Body: { } body }
            ? StoredCommand.Demand(Commands, command, body, edit.Access, cancellationToken)
            : ValueTask.CompletedTask;

    /// <summary>Returns an edited schedule with its next time.</summary>
    /// <exception cref="InvalidValueException">The cron expression or the time zone is invalid, or the expression
    /// matches no future time.</exception>
    public static ScheduleRecord Validate(ScheduleRecord record, DateTimeOffset now)
    {
        var form = record.Edit!.Over(record.Code ?? record.ToForm());
        var zone = ScheduleRecord.FindZone(form.TimeZone);
        try
        {
            if (CronExpression.Parse(form.Cron).NextAfter(now, zone) is null)
                throw new InvalidValueException("cron", form.Cron, "no time is left that it matches.");
        }
        catch (FormatException exception)
        {
            throw new InvalidValueException("cron", form.Cron, exception.Message);
        }
        var resolved = record.Resolved(now);
        return resolved.Due is not null && record is { Due: null, IsPaused: false }
            ? resolved with { Error = null }
            : resolved;
    }

    /// <summary>
    /// Returns the details of a change for the history. They contain the new definition and command if the edit changed
    /// them.
    /// </summary>
    public static TimerNote NoteOf(ScheduleRecord? before, ScheduleRecord after, string? by, string? reason)
    {
        var note = new TimerNote { By = by, Reason = reason, Due = after.Due, DueBefore = before?.Due };
        if (ReferenceEquals(before?.Edit, after.Edit))
            return note;
        return note with
        {
            Form = after.ToForm(),
            FormBefore = before?.ToForm(),
            Command = after.Edit?.Command,
            Body = after.Edit?.Body,
        };
    }
}

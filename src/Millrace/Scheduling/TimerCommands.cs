using Microsoft.Extensions.DependencyInjection;

namespace Millrace;

/// <summary>Timers of a command's handler: set and cancelled together with its events, or not at all.</summary>
public static class TimerCommands
{
    /// <summary>Has a command sent at a time; the timer is set when the events of this command are appended.</summary>
    /// <param name="context">The command that is handled.</param>
    /// <param name="command">The command to send.</param>
    /// <param name="due">When.</param>
    /// <param name="options">Under which key, among others; null for a key of its own.</param>
    /// <returns>The timer's key.</returns>
    /// <exception cref="InvalidOperationException">The application has no timers: call <c>AddTimers</c>; or the command
    /// cannot be written as JSON.</exception>
    public static string SetTimer<TResult>(
        this CommandContext context, ICommand<TResult> command, DateTimeOffset due, TimerOptions? options = null)
    {
        var told = (options ?? new TimerOptions()) with
        {
            CorrelationId = options?.CorrelationId ?? Checked(context).CorrelationId,
        };
        var (key, record) = TimersOf(context).RecordOf(command, due, told);
        context.Append(
            TimerStore.StreamOf(key),
            ExpectedVersion.Any,
            TimerStore.Event(PlatformEvents.TimerSet, Timers.NoteOf(record)));
        context.Write(TimerStore.Write(key, record, fromVersion: null));
        return key;
    }

    /// <summary>
    /// Takes a timer back when the events of this command are appended. When it fires in the meantime, this command is
    /// handled again.
    /// </summary>
    /// <returns>False when there is no such timer, or no more.</returns>
    /// <exception cref="InvalidOperationException">The application has no timers: call <c>AddTimers</c>.</exception>
    public static async ValueTask<bool> CancelTimer(
        this CommandContext context, string key, CancellationToken cancellationToken = default)
    {
        if (await TimersOf(Checked(context)).FindDocument(key, cancellationToken).ConfigureAwait(false) is not { } found
        )
            return false;
        var note = new TimerNote { DueBefore = TimerStore.Read(found).Due, By = context.Metadata?.UserId };
        context.Append(
            TimerStore.StreamOf(key), ExpectedVersion.Any, TimerStore.Event(PlatformEvents.TimerCancelled, note));
        context.Write(TimerStore.Remove(key, found.Version));
        return true;
    }

    private static CommandContext Checked(CommandContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context;
    }

    private static Timers TimersOf(CommandContext context) => context.Services.GetService<Timers>()
        ?? throw new InvalidOperationException("The application has no timers: add them with millrace.AddTimers().");
}

using Microsoft.Extensions.DependencyInjection;
using Millrace.Events;
using Millrace.Scheduling;

namespace Millrace;

/// <summary>Sets and cancels timers in a command handler, atomically with the command's events.</summary>
public static class TimerCommands
{
    /// <summary>
    /// Schedules a command. The timer is stored in the commit that appends the events of the current command.
    /// </summary>
    /// <param name="context">The context of the command that is being handled.</param>
    /// <param name="command">The command to send.</param>
    /// <param name="due">The time at which to send it.</param>
    /// <param name="options">The key and other options; null for a generated key.</param>
    /// <returns>The timer's key.</returns>
    /// <exception cref="InvalidOperationException">The application has no timers (call <c>AddTimers</c>), or the
    /// command cannot be written as JSON.</exception>
    public static string SetTimer<TResult>(
        this CommandContext context, ICommand<TResult> command, DateTimeOffset due, TimerOptions? options = null)
    {
        var settings = (options ?? new TimerOptions()) with
        {
            CorrelationId = options?.CorrelationId ?? Checked(context).CorrelationId,
        };
        var (key, record) = TimersOf(context).RecordOf(command, due, settings);
        context.Append(
            TimerStore.StreamOf(key),
            ExpectedVersion.Any,
            TimerStore.Event(PlatformEvents.TimerSet, Timers.NoteOf(record)));
        context.Write(TimerStore.Write(key, record, fromVersion: null));
        return key;
    }

    /// <summary>
    /// Cancels a timer in the commit that appends the events of the current command. If the timer fires before the
    /// commit, the current command is handled again.
    /// </summary>
    /// <returns>False if no timer has the key.</returns>
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
        context.Write(TimerStore.Remove(key, found.Version), found.Shard);
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

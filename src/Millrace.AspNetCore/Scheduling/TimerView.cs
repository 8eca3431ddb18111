using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore.Scheduling;

/// <summary>The status of a timer, for operators.</summary>
[Description("A command that is to be sent at a time.")]
internal sealed record TimerView(
    [property: Description("The generated handle, or the key that the application chose.")] string Key,
    [property: Description("The stable name of its command.")] string Command,
    [property: Description("The command, if its JSON is an object; other commands are left out.")]
        JsonObject? Body,
    [property: Description("When the command is sent; absent while the timer is held.")] DateTimeOffset? Due,
    [property: Description("The time at which it was set.")] DateTimeOffset SetAt,
    [property: Description("The user that set it; absent if none was given.")] string? By,
    [property: Description("The number of times its command has failed.")] int Failures,
    [property: Description("The last error; absent if the command has not failed.")] string? Error,
    [property: Description("The history; absent in lists.")] IReadOnlyList<TimerEntryView>? History = null)
{
    public static TimerView Of(TimerInfo timer) =>
        new(
            timer.Key,
            timer.Command,
            timer.Body.ValueKind == JsonValueKind.Object ? JsonObject.Create(timer.Body) : null,
            timer.Due,
            timer.SetAt,
            timer.By,
            timer.Failures,
            timer.Error);
}

/// <summary>An entry in the history of a timer or a schedule.</summary>
[Description("An entry in the history.")]
internal sealed record TimerEntryView(
    [property: Description("What.")] string What,
    [property: Description("When.")] DateTimeOffset At,
    [property: Description("The new due time; absent if it did not change.")] DateTimeOffset? Due,
    [property: Description("The user; absent if it was not a user's action.")] string? By,
    [property: Description("The reason, or the error.")] string? Reason)
{
    public static IReadOnlyList<TimerEntryView> Of(IEnumerable<TimerEntry> entries) =>
        [.. entries.Select(entry => new TimerEntryView(entry.Kind, entry.At, entry.Due, entry.By, entry.Reason))];
}

/// <summary>A page of timers.</summary>
[Description("Timers: first those that are held, then the others by due time.")]
internal sealed record TimersView(
    IReadOnlyList<TimerView> Timers,
    [property: Description("The value of 'after' for the next page; absent on the last page.")] string? Next);

using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore;

/// <summary>A timer as operators see it.</summary>
[Description("A command that is to be sent at a time.")]
internal sealed record TimerView(
    [property: Description("Its handle, or the key that it was set under.")] string Key,
    [property: Description("The stable name of its command.")] string Command,
    [property: Description("Its command, where that is an object of JSON, as all are that write themselves as usual.")]
        JsonObject? Body,
    [property: Description("When its command is sent; absent while it is held for a person.")] DateTimeOffset? Due,
    [property: Description("When it was set.")] DateTimeOffset SetAt,
    [property: Description("Who set it; absent when nobody said it.")] string? By,
    [property: Description("How often its command has failed.")] int Failures,
    [property: Description("What its last failure was; absent when it has not failed.")] string? Error,
    [property: Description("What happened to it; absent in lists.")] IReadOnlyList<TimerEntryView>? History = null)
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

/// <summary>Something that happened to a timer or a schedule.</summary>
[Description("Something that happened.")]
internal sealed record TimerEntryView(
    [property: Description("What.")] string What,
    [property: Description("When.")] DateTimeOffset At,
    [property: Description("When it is due from then on; absent where that did not change.")] DateTimeOffset? Due,
    [property: Description("Who did it, where a person did.")] string? By,
    [property: Description("Why, or what went wrong.")] string? Reason)
{
    public static IReadOnlyList<TimerEntryView> Of(IEnumerable<TimerEntry> entries) =>
        [.. entries.Select(entry => new TimerEntryView(entry.What, entry.At, entry.Due, entry.By, entry.Reason))];
}

/// <summary>A page of timers.</summary>
[Description("Timers: those held for a person first, then the next one due.")]
internal sealed record TimersView(
    IReadOnlyList<TimerView> Timers,
    [property: Description("The 'after' of the next page; absent on the last.")] string? Next);

using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.ProcessManagers;

/// <summary>The status of an instance of a process, for operators.</summary>
[Description("The status of an instance of a process.")]
internal sealed record InstanceView(
    [property: Description("The name of the process.")] string Process,
    [property: Description("The id of the instance.")] string Id,
    [property: Description("The version of its definition.")] int Version,
    [property: Description("running, compensating, held, completed or compensated.")] string State,
    [property: Description("The current steps.")] IReadOnlyList<string> Steps,
    [property: Description("When it continues automatically; absent if it waits for an event or a decision.")]
        DateTimeOffset? Due,
    [property: Description("The time at which it started.")] DateTimeOffset StartedAt,
    [property: Description("The time of the last change.")] DateTimeOffset ChangedAt,
    [property: Description("Why it is being compensated or is held; absent if it is neither.")] string? Reason,
    [property: Description("The history; absent in lists.")]
        IReadOnlyList<InstanceEntryView>? History = null)
{
    public static InstanceView Of(ProcessInfo info) =>
        new(
            info.Process,
            info.Id,
            info.Version,
            JsonNamingPolicy.CamelCase.ConvertName(info.State.ToString()),
            info.Steps,
            info.Due,
            info.StartedAt,
            info.ChangedAt,
            info.Reason);
}

/// <summary>An entry in the history of an instance of a process.</summary>
[Description("A step, decision or compensation that was started, done or failed.")]
internal sealed record InstanceEntryView(
    [property: Description("The version in the stream of the instance.")] long Version,
    [property: Description("What happened.")] string What,
    [property: Description("The step; absent if the entry concerns the whole instance.")] string? Step,
    [property: Description("When.")] DateTimeOffset At,
    [property: Description("The user; absent if it was not a user's action.")] string? By,
    [property: Description("The reason, or the error.")] string? Reason,
    [property: Description("The position of the event that caused it; absent if there was none.")] long? Position)
{
    public static InstanceEntryView Of(ProcessEntry entry) => new(
        entry.Version, entry.Kind, entry.Step, entry.At, entry.By, entry.Reason, entry.Position);
}

/// <summary>A page of instances.</summary>
[Description("Instances of a process, most recently changed first.")]
internal sealed record InstancesView(
    IReadOnlyList<InstanceView> Instances,
    [property: Description("The value of 'after' for the next page; absent on the last page.")] string? Next);

/// <summary>The number of instances of a process in a state.</summary>
[Description(
    "The number of instances of a process in a state. For the state earlyEvents, it is the number of events that "
        + "arrived before their instance started."
)]
internal sealed record ProcessCountView(string Process, string State, long Instances);

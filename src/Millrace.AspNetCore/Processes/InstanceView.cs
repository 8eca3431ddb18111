using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore;

/// <summary>An instance of a process as operators see it.</summary>
[Description("Where an instance of a process stands.")]
internal sealed record InstanceView(
    [property: Description("The name of the process.")] string Process,
    [property: Description("The id of the instance.")] string Id,
    [property: Description("The version of the definition that it is on.")] int Version,
    [property: Description("running, compensating, held, completed or compensated.")] string State,
    [property: Description("The parts that it is in.")] IReadOnlyList<string> Steps,
    [property: Description("When it goes on by itself; absent when an event or a person has to come first.")]
        DateTimeOffset? Due,
    [property: Description("When it began.")] DateTimeOffset StartedAt,
    [property: Description("When something last happened.")] DateTimeOffset ChangedAt,
    [property: Description("Why it is undone or held; absent when it is neither.")] string? Reason,
    [property: Description("All that happened to it; absent in lists.")]
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

/// <summary>Something that happened to an instance of a process.</summary>
[Description("A step, decision or compensation, begun, done or failed.")]
internal sealed record InstanceEntryView(
    [property: Description("Its place in the stream of the instance.")] long Version,
    [property: Description("What happened.")] string What,
    [property: Description("The part that it is about; absent when it is about all.")] string? Step,
    [property: Description("When.")] DateTimeOffset At,
    [property: Description("Who did it, where a person did.")] string? By,
    [property: Description("Why, or what went wrong.")] string? Reason,
    [property: Description("Where the event stands that caused it; absent where none did.")] long? Position)
{
    public static InstanceEntryView Of(ProcessEntry entry) => new(
        entry.Version, entry.What, entry.Step, entry.At, entry.By, entry.Reason, entry.Position);
}

/// <summary>A page of instances.</summary>
[Description("Instances of a process, those that changed last first.")]
internal sealed record InstancesView(
    IReadOnlyList<InstanceView> Instances,
    [property: Description("The 'after' of the next page; absent on the last.")] string? Next);

/// <summary>How many instances of a process are in a state.</summary>
[Description(
    "How many instances of a process are in a state; in the state earlyEvents, how many events came before their "
        + "instance."
)]
internal sealed record ProcessCountView(string Process, string State, long Instances);

namespace Millrace;

/// <summary>Where an instance of a process stands.</summary>
/// <param name="Process">The name of the process.</param>
/// <param name="Id">The id of the instance.</param>
/// <param name="Version">The version of the definition that it is on.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Steps">The parts that it is in.</param>
/// <param name="Due">When it goes on by itself; null when an event or a person has to come first.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="ChangedAt">When something last happened.</param>
/// <param name="Reason">Why it is undone or held; null when it is neither.</param>
public sealed record ProcessInfo(
    string Process,
    string Id,
    int Version,
    ProcessState State,
    IReadOnlyList<string> Steps,
    DateTimeOffset? Due,
    DateTimeOffset StartedAt,
    DateTimeOffset ChangedAt,
    string? Reason);

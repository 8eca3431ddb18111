namespace Millrace;

/// <summary>The status of an instance of a process.</summary>
/// <param name="Process">The name of the process.</param>
/// <param name="Id">The id of the instance.</param>
/// <param name="Version">The version of its definition.</param>
/// <param name="State">The state.</param>
/// <param name="Steps">The current parts.</param>
/// <param name="Due">The time at which the instance continues automatically; null if it waits for an event or a
/// decision.</param>
/// <param name="StartedAt">The time at which the instance started.</param>
/// <param name="ChangedAt">The time of the last change.</param>
/// <param name="Reason">The reason why the instance is held or being compensated; null otherwise.</param>
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

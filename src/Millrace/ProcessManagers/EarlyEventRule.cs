namespace Millrace.ProcessManagers;

/// <summary>Defines how a process keeps events that arrive before the event that starts their instance.</summary>
/// <param name="Within">The time for which each event is kept.</param>
/// <param name="MaxEvents">The maximum number of events for an instance.</param>
/// <param name="MaxInstances">The maximum number of instances that have not started.</param>
internal sealed record EarlyEventRule(TimeSpan Within, int MaxEvents, int MaxInstances);

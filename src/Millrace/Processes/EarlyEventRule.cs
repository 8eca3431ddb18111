namespace Millrace;

/// <summary>How a process keeps events that come before the one that starts their instance.</summary>
/// <param name="Within">How long each is kept.</param>
/// <param name="MaxEvents">The maximum number of events for an instance.</param>
/// <param name="MaxInstances">The maximum number of instances that have not started.</param>
internal sealed record EarlyEventRule(TimeSpan Within, int MaxEvents, int MaxInstances);

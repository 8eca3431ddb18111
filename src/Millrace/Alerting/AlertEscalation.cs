namespace Millrace;

/// <summary>A step of an escalation: further channels for an alert that is not acknowledged.</summary>
/// <param name="After">The time after the first notice of the alert.</param>
/// <param name="Channels">The names of the channels.</param>
public sealed record AlertEscalation(TimeSpan After, IReadOnlyList<string> Channels);

namespace Millrace.Consuming;

/// <summary>A batch that was handled with the settings of a trial.</summary>
/// <param name="Duration">The time from reading its events until they were handled.</param>
/// <param name="Events">The number of its events.</param>
/// <param name="IsFull">Whether events waited for another such batch, so that the setting limited its size, and not the
/// load.</param>
internal readonly record struct TrialBatch(TimeSpan Duration, int Events, bool IsFull);

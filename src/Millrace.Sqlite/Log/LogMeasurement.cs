namespace Millrace.Sqlite.Log;

/// <summary>The execution of a query for a page of the log.</summary>
/// <param name="Plan">The plan; null if nothing can match, so that nothing is read.</param>
/// <param name="HasIndex">True if an index covers a part of the filter.</param>
/// <param name="Rows">The number of events of the page.</param>
/// <param name="ReadRows">The number of events that were read.</param>
internal readonly record struct LogMeasurement(LogPlan? Plan, bool HasIndex, long Rows, long ReadRows);

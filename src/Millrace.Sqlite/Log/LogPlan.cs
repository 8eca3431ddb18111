namespace Millrace.Sqlite.Log;

/// <summary>The source that a query reads, and its keys.</summary>
internal readonly record struct LogPlan(LogSource Source, IReadOnlyList<LogKey> Keys)
{
    public static LogPlan Log => new(LogSource.Log, []);
}

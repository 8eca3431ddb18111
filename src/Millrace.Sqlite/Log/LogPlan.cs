namespace Millrace.Sqlite;

/// <summary>Which source a query reads, and with which keys.</summary>
internal readonly record struct LogPlan(LogSource Source, IReadOnlyList<LogKey> Keys)
{
    public static LogPlan Log => new(LogSource.Log, []);
}

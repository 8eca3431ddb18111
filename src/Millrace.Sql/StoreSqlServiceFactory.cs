namespace Millrace.Sql;

/// <summary>Creates services with the limits of the application. They share the limit of concurrent
/// statements.</summary>
internal sealed class StoreSqlServiceFactory(SqlOptions options, TimeProvider time, StatementGate gate)
    : ISqlServiceFactory
{
    public ISqlService Create(EventStore store) => new StoreSqlService(store, options, time, gate);
}

namespace Millrace;

/// <summary>
/// Creates SQL services for open stores, such as those of tenants. The package <c>Millrace.Sql</c> implements it
/// (<c>UseSql</c>). Thread-safe.
/// </summary>
public interface ISqlServiceFactory
{
    /// <summary>Creates a service for an open store, which it does not own.</summary>
    ISqlService Create(EventStore store);
}

using Millrace.Auditing;

namespace Millrace;

/// <summary>Returns audit trails without dependency injection, for tools.</summary>
public static class AuditTrails
{
    /// <summary>Returns the audit trail of a store.</summary>
    public static IAuditTrail Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new AuditTrail(store);
    }
}

namespace Millrace.Auditing;

/// <summary>A use of a data key.</summary>
/// <param name="Action">The action of the audit entry.</param>
/// <param name="Owner">The owner of the key.</param>
/// <param name="Detail">The ids of the keys.</param>
internal sealed record KeyUse(string Action, KeyOwner Owner, string Detail)
{
    public const string Read = "keys.read";
    public const string Created = "keys.created";
    public const string Replaced = "keys.replaced";
    public const string Rewrapped = "keys.rewrapped";
    public const string Destroyed = "keys.destroyed";

    /// <summary>Gets whether the bulk of a use is counted instead of listed: the use changes no existing key.</summary>
    public bool MayBeCounted => Action is Read or Created or Rewrapped;

    /// <summary>
    /// Returns the entry. The resource is the data subject, as for erasures; without one, it is the kind of data.
    /// </summary>
    public AuditEntry ToEntry() =>
        new(Action, Owner.Subject.Length > 0 ? Owner.Subject : Owner.Kind, AuditResult.Succeeded)
        {
            Reason = $"{Owner.Kind}, {Detail}",
        };
}

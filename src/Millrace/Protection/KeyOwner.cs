namespace Millrace;

/// <summary>The owner of a data key: one kind of data of one data subject in one tenant.</summary>
/// <param name="Tenant">The tenant; empty without tenants.</param>
/// <param name="Subject">The data subject, such as <c>customer-42</c>; empty for data without a data subject.</param>
/// <param name="Kind">The kind of data, such as <c>personal</c> or <c>secret</c>.</param>
public sealed record KeyOwner(string Tenant, string Subject, string Kind)
{
    /// <summary>The kind of a record that means all kinds of data of a subject.</summary>
    public const string AllKinds = "*";

    /// <summary>The kind of copies that Millrace derives from events, such as snapshots and timers.</summary>
    internal const string DerivedKind = "derived";
}

namespace Millrace;

/// <summary>The result of an audited action.</summary>
public enum AuditResult
{
    /// <summary>The action was carried out.</summary>
    Succeeded,

    /// <summary>The user was not allowed to carry out the action.</summary>
    Denied,

    /// <summary>The action failed, and changed nothing.</summary>
    Failed,
}

namespace Millrace;

/// <summary>The reason why a notice contains an alert.</summary>
public enum AlertNoticeKind
{
    /// <summary>The alert fired.</summary>
    Fired,

    /// <summary>The alert is resolved.</summary>
    Resolved,

    /// <summary>The alert still fires and is not acknowledged, so further channels receive it.</summary>
    Escalated,

    /// <summary>The alert still fires, and its interval for repeated notices has elapsed.</summary>
    Repeated,
}

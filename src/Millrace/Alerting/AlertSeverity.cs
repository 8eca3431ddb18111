namespace Millrace;

/// <summary>The severity of an alert.</summary>
public enum AlertSeverity
{
    /// <summary>The alert is for information.</summary>
    Info,

    /// <summary>The alert needs attention soon.</summary>
    Warning,

    /// <summary>The alert needs attention now.</summary>
    Critical,
}

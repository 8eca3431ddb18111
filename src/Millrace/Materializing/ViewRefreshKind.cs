namespace Millrace;

/// <summary>The ways in which the rows of a materialized view are refreshed.</summary>
public enum ViewRefreshKind
{
    /// <summary>At an interval that follows how often the view is read.</summary>
    Scheduled,

    /// <summary>When the view is read and its rows are older than a limit.</summary>
    OnRead,

    /// <summary>Only on request.</summary>
    Manual,
}

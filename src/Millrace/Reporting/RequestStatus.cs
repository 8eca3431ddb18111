namespace Millrace.Reporting;

/// <summary>The state of a request of a data subject, compared with its deadline.</summary>
internal enum RequestStatus
{
    /// <summary>The request waits for its answer, and the deadline is not over.</summary>
    Open,

    /// <summary>The request waits for its answer, and the deadline is over.</summary>
    Overdue,

    /// <summary>The request ended before its deadline.</summary>
    InTime,

    /// <summary>The request ended after its deadline.</summary>
    Late,
}

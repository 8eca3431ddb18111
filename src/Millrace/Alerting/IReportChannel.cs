namespace Millrace;

/// <summary>A channel that can also send reports, such as the weekly report of business figures.</summary>
/// <remarks>
/// A report that was sent immediately before a crash is sent again with the same id.
/// </remarks>
public interface IReportChannel : INotificationChannel
{
    /// <summary>Sends a report. If the method throws, the report is sent again after a pause.</summary>
    Task Send(ReportMessage report, CancellationToken cancellationToken);
}

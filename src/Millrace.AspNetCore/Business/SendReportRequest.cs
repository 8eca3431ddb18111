using System.ComponentModel;

namespace Millrace.AspNetCore.Business;

/// <summary>A request to send a report about business figures.</summary>
internal sealed record SendReportRequest(
    [property: Description("The week, such as 2011-W49; the last one when absent.")] string? Week = null,
    [property: Description("Instead of the week: the first day.")] string? From = null,
    [property: Description("Instead of the week: the last day.")] string? To = null);

/// <summary>The answer to a request to send a report.</summary>
internal sealed record SentReportView([property: Description("The id of the mail.")] string Id);

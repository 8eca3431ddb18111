namespace Millrace;

/// <summary>The formats of reports.</summary>
public enum ReportFormat
{
    /// <summary>A JSON object.</summary>
    Json,

    /// <summary>A page that needs no other file and no network, and can be printed.</summary>
    Html,
}

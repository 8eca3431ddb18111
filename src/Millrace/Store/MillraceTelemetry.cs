using System.Diagnostics;

namespace Millrace;

/// <summary>The names under which Millrace reports to OpenTelemetry.</summary>
public static class MillraceTelemetry
{
    /// <summary>The meter of all instruments.</summary>
    public const string MeterName = "Millrace";

    /// <summary>The source of all spans.</summary>
    public const string ActivitySourceName = "Millrace";

    internal static readonly ActivitySource Source = new(ActivitySourceName);
}

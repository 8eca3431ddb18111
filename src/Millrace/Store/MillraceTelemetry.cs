using System.Diagnostics;

namespace Millrace;

/// <summary>The names that Millrace uses for OpenTelemetry.</summary>
public static class MillraceTelemetry
{
    /// <summary>The name of the meter that contains all instruments.</summary>
    public const string MeterName = "Millrace";

    /// <summary>The name of the activity source that creates all spans.</summary>
    public const string ActivitySourceName = "Millrace";

    internal static readonly ActivitySource Source = new(ActivitySourceName);
}

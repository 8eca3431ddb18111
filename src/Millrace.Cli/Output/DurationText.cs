using System.Globalization;

namespace Millrace.Cli.Output;

/// <summary>Formats how long an operation took.</summary>
internal static class DurationText
{
    /// <summary>Returns seconds with one decimal below a minute, such as <c>3.2 s</c>, and minutes above.</summary>
    public static string Of(TimeSpan duration) => duration < TimeSpan.FromMinutes(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalMinutes} min {duration.Seconds} s");
}

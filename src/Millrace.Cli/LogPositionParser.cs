using System.Globalization;

namespace Millrace.Cli;

/// <summary>Parses positions of the log as users type them or copy them from a table.</summary>
internal static class LogPositionParser
{
    /// <summary>Parses a position with or without thousands separators, such as <c>1042</c> or <c>1,042</c>.</summary>
    public static bool TryParse(string text, out long position) =>
        long.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out position);
}

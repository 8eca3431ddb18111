using System.Globalization;

namespace Millrace.Cli;

/// <summary>Positions of the log as people type them, or copy them from a table.</summary>
internal static class LogPositionParser
{
    /// <summary>Reads 1042 and 1,042.</summary>
    public static bool TryParse(string text, out long position) =>
        long.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out position);
}

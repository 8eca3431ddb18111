using System.Globalization;

namespace Millrace.Cli;

/// <summary>Parses positions of the log as users type them or copy them from a table.</summary>
internal static class LogPositionParser
{
    /// <summary>Parses 1042 and 1,042.</summary>
    public static bool TryParse(string text, out long position) =>
        long.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out position);
}

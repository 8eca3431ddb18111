using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Millrace.Resilience;

/// <summary>
/// Groups similar failures. Similar failures have the same exception type and the same first stack frame of the
/// application. They also have the same message, except for numbers, ids and quoted names.
/// </summary>
internal static partial class FailureCause
{
    private const int MaxComparedCharacters = 1_000;
    private static readonly string[] LibraryNamespaces = ["System.", "Microsoft.", "Millrace.", "Polly."];

    /// <summary>
    /// Returns a short name of the group, which consists of the exception type and a hash of the type, the stack frame
    /// and the message.
    /// </summary>
    public static string Of(Exception exception)
    {
        var type = exception.GetType();
        var text = $"{type.FullName}\n{OwnFrame(exception.StackTrace)}\n{Normalise(exception.Message)}";
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return $"{type.Name}-{Convert.ToHexStringLower(digest.AsSpan(0, 4))}";
    }

    /// <summary>
    /// Returns the first stack frame outside of .NET and Millrace, without its line number. If there is no such frame,
    /// returns the first frame.
    /// </summary>
    internal static string OwnFrame(string? stack)
    {
        var firstFrame = "";
        foreach (var line in (stack ?? "").AsSpan().EnumerateLines())
        {
            var frame = FrameOf(line);
            if (frame.IsEmpty)
                continue;
            if (!IsLibraryFrame(frame))
                return frame.ToString();
            if (firstFrame.Length == 0)
                firstFrame = frame.ToString();
        }
        return firstFrame;
    }

    internal static string Normalise(string message)
    {
        var start = message.Length > MaxComparedCharacters ? message[..MaxComparedCharacters] : message;
        return VaryingParts().Replace(start, "#");
    }

    private static ReadOnlySpan<char> FrameOf(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        if (!line.StartsWith("at "))
            return default;
        var fileStart = line.IndexOf(" in ");
        return fileStart < 0 ? line[3..] : line[3..fileStart];
    }

    private static bool IsLibraryFrame(ReadOnlySpan<char> frame)
    {
        foreach (var start in LibraryNamespaces)
        {
            if (frame.StartsWith(start))
                return true;
        }
        return false;
    }

    [GeneratedRegex(
        """'[^']*'|"[^"]*"|[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\d+([.,:]\d+)*""",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1_000)]
    private static partial Regex VaryingParts();
}

using System.Globalization;

namespace Millrace.Faults.Tests;

/// <summary>
/// An event that the store acknowledged at a version and a position, as a line of the node's output reports it. The
/// event must still exist after a crash.
/// </summary>
internal sealed record Acknowledgement(StreamId Stream, long Version, long Position, Guid Id)
{
    /// <summary>
    /// Parses a line of the node's output. Returns null if the kill of the node cut the line short.
    /// </summary>
    public static Acknowledgement? Read(string line)
    {
        var words = line.Split(' ');
        return words.Length == 5 && words[0] == "ACK" && Guid.TryParseExact(words[4], "D", out var id)
            ? new Acknowledgement(new StreamId(words[1]), Number(words[2]), Number(words[3]), id)
            : null;
    }

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}

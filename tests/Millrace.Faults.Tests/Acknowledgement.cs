using System.Globalization;

namespace Millrace.Faults.Tests;

/// <summary>A durable result that the node received: an event of a stream, at a version and a position.</summary>
internal sealed record Acknowledgement(StreamId Stream, long Version, long Position, Guid Id)
{
    /// <summary>Reads a line of the node's output; null when the node was killed while writing it.</summary>
    public static Acknowledgement? Read(string line)
    {
        var words = line.Split(' ');
        return words.Length == 5 && words[0] == "ACK" && Guid.TryParseExact(words[4], "D", out var id)
            ? new Acknowledgement(new StreamId(words[1]), Number(words[2]), Number(words[3]), id)
            : null;
    }

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}

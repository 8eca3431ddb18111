using System.Globalization;

namespace Millrace.Faults;

/// <summary>The effect of a handler, which is a line in a file for each event. The file survives the node.</summary>
public sealed class HandledFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly StreamWriter _writer;

    /// <summary>Opens the file to append after the lines of other nodes.</summary>
    public HandledFile(string file) => _writer = new StreamWriter(file, append: true) { AutoFlush = true };

    /// <summary>Writes the line of an event.</summary>
    public void Add(RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        lock (_lock)
            _writer.Write(string.Create(CultureInfo.InvariantCulture, $"{recorded.Stream} {recorded.Version}.\n"));
    }

    /// <summary>Returns the handled events in order. The method ignores an incomplete last line.</summary>
    public static IEnumerable<(StreamId Stream, long Version)> Read(string file)
    {
        foreach (var line in File.ReadLines(file))
        {
            var parts = line.Split(' ');
            if (parts.Length == 2 && parts[1].EndsWith('.'))
                yield return (new StreamId(parts[0]), long.Parse(parts[1].TrimEnd('.'), CultureInfo.InvariantCulture));
        }
    }

    public void Dispose() => _writer.Dispose();
}

using System.Globalization;

namespace Millrace.Benchmarks.Harness;

/// <summary>How the processors of this machine were used since the start, by all processes.</summary>
internal sealed class ProcessorUse
{
    private const int Idle = 3; // The times of a line are user, nice, system, idle, iowait, irq, softirq, steal.
    private const int WaitForDisk = 4;
    private const int Times = 8;

    private readonly long[]? _started = Read();

    /// <summary>Returns the shares; an empty text if the system does not report them.</summary>
    public string Describe()
    {
        if (_started is null || Read() is not { } now)
            return "";
        var used = now.Zip(_started, static (end, start) => end - start).ToArray();
        var all = Math.Max(1, used.Sum());
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Processors of the machine: {(double)(all - used[Idle] - used[WaitForDisk]) / all:P0} busy, "
                + $"{(double)used[WaitForDisk] / all:P0} waiting for the disk, {(double)used[Idle] / all:P0} idle.");
    }

    private static long[]? Read()
    {
        try
        {
            using var reader = new StreamReader("/proc/stat");
            return reader.ReadLine() is { } line
                ? [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..(Times + 1)].Select(long.Parse)]
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

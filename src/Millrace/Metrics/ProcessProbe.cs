using System.Globalization;
using Millrace.Monitoring;

namespace Millrace.Metrics;

/// <summary>Measures the processor time and memory of this process, and the disk of the store.</summary>
/// <param name="directory">Returns the directory of the store; null for none.</param>
internal sealed class ProcessProbe(Func<string?> directory)
{
    // The limits of a container, in version 2 and 1 of control groups.
    private static readonly string[] LimitFiles =
        ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

    private readonly ProcessorUse _processors = new();

    public void Collect(TimeSpan elapsed, SampleValues values)
    {
        values.Add(MonitorMetrics.Cpu, null, _processors.Take(elapsed));
        values.Add(MonitorMetrics.Memory, null, (double)Environment.WorkingSet / MemoryLimit());
        if (FreeDisk() is { } free)
            values.Add(MonitorMetrics.DiskFree, null, free);
    }

    /// <summary>
    /// Returns the limit of the container, or the memory of the machine. The garbage collector may have a lower limit.
    /// </summary>
    private static long MemoryLimit()
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        foreach (var file in LimitFiles)
        {
            try
            {
                if (File.Exists(file)
                    && long.TryParse(
                        File.ReadAllText(file).AsSpan().Trim(), CultureInfo.InvariantCulture, out var limit)
                    && limit < long.MaxValue / 2)
                    return limit;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The limit is not readable.
            }
        }
        return available;
    }

    private double? FreeDisk()
    {
        if (directory() is not { } path)
            return null;
        try
        {
            var drive = new DriveInfo(path);
            return drive.TotalSize == 0 ? null : (double)drive.AvailableFreeSpace / drive.TotalSize;
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}

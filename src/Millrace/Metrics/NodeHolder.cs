using System.Diagnostics;

namespace Millrace.Metrics;

/// <summary>A process that uses the name of a node.</summary>
/// <param name="Instance">The unique id of the monitor in the process.</param>
/// <param name="Machine">The name of the machine.</param>
/// <param name="ProcessId">The id of the process.</param>
/// <param name="StartedAt">The start of the process.</param>
internal sealed record NodeHolder(string Instance, string Machine, int ProcessId, DateTimeOffset StartedAt)
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);

    /// <summary>Returns this process with a new instance id.</summary>
    /// <param name="time">The clock of the node.</param>
    public static NodeHolder Create(TimeProvider time)
    {
        using var process = Process.GetCurrentProcess();
        var instance = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        return new(instance, Environment.MachineName, process.Id, process.StartTime);
    }

    /// <summary>Returns whether the process ran on this machine and has ended.</summary>
    public bool HasEnded()
    {
        if (Machine != Environment.MachineName)
            return false;
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            return (new DateTimeOffset(process.StartTime) - StartedAt).Duration() > ClockTolerance;
        }
        catch (ArgumentException)
        {
            return true; // No process has this id.
        }
        catch (InvalidOperationException)
        {
            return true; // The process ended meanwhile.
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // A process of another user.
        }
    }
}

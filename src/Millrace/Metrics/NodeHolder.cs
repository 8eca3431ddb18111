using System.Diagnostics;

namespace Millrace.Metrics;

/// <summary>A process that uses the name of a node.</summary>
/// <param name="Instance">The unique id of the monitor in the process.</param>
/// <param name="Machine">The name of the machine.</param>
/// <param name="ProcessId">The id of the process.</param>
/// <param name="StartedAt">The start of the process.</param>
internal sealed record NodeHolder(string Instance, string Machine, int ProcessId, DateTimeOffset StartedAt)
{
    private const string BootFile = "/proc/sys/kernel/random/boot_id";
    private const string NamespaceLink = "/proc/self/ns/pid";

    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets the scope of <see cref="ProcessId"/>: on Linux the boot of the machine and the namespace, because
    /// containers can have the same name of a machine.
    /// </summary>
    public string? Scope { get; init; }

    /// <summary>Returns this process with a new instance id.</summary>
    /// <param name="time">The clock of the node.</param>
    public static NodeHolder Create(TimeProvider time)
    {
        using var process = Process.GetCurrentProcess();
        var instance = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        return new(instance, Environment.MachineName, process.Id, process.StartTime) { Scope = FindScope() };
    }

    /// <summary>Returns the scope of ids of processes; null if it is not known.</summary>
    public static string? FindScope()
    {
        if (!OperatingSystem.IsLinux())
            return "";
        try
        {
            return $"{File.ReadAllText(BootFile).Trim()}/{new FileInfo(NamespaceLink).LinkTarget}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Returns whether the process ran on this machine and has ended.</summary>
    public bool HasEnded()
    {
        if (Machine != Environment.MachineName || Scope is null || Scope != FindScope())
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

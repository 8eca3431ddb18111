using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Millrace.Sqlite.Tests;

/// <summary>
/// A test that needs more than the SDK. A machine without the requirement skips the test with the reason. In CI, the
/// test always runs and fails without the requirement.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EnvironmentFactAttribute : FactAttribute
{
    /// <summary>The file name of the SQLite library in Debian.</summary>
    public const string SystemLibrary = "libsqlite3.so.0";

    private static readonly bool IsCi = Environment.GetEnvironmentVariable("CI") is "1" or "true";

    public EnvironmentFactAttribute(MachineRequirement requirement)
    {
        if (!IsCi && Missing(requirement) is { } missing)
            Skip = missing;
    }

    private static string? Missing(MachineRequirement requirement) => requirement switch
    {
        MachineRequirement.Strace => Works("strace", "-f", "-o", "/dev/null", "true")
            ? null
            : "strace is not installed or not permitted (apt-get install strace).",
        MachineRequirement.SystemLibrary => NativeLibrary.TryLoad(SystemLibrary, out _)
            ? null
            : $"{SystemLibrary} is not installed (apt-get install libsqlite3-0).",
        _ => Works("unshare", "--mount", "true") ? null : "Mounting a file system requires root on Linux.",
    };

    private static bool Works(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(command, arguments) { RedirectStandardError = true }
            );
            return process is not null && process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // The program does not exist.
        }
    }
}

/// <summary>Specifies what a test needs on the machine.</summary>
internal enum MachineRequirement
{
    /// <summary>The program strace, which makes system calls fail.</summary>
    Strace,

    /// <summary>The SQLite library of the operating system.</summary>
    SystemLibrary,

    /// <summary>The permission to mount a small file system.</summary>
    Mount,
}

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Millrace.Sqlite.Tests;

/// <summary>
/// A test that needs more than the SDK: skipped with the reason where the machine does not offer it, and run all the
/// same in CI, where it then fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EnvironmentFactAttribute : FactAttribute
{
    /// <summary>SQLite as Debian has it.</summary>
    public const string SystemLibrary = "libsqlite3.so.0";

    private static readonly bool IsCi = Environment.GetEnvironmentVariable("CI") is "1" or "true";

    public EnvironmentFactAttribute(MachineRequirement need)
    {
        if (!IsCi && Missing(need) is { } missing)
            Skip = missing;
    }

    private static string? Missing(MachineRequirement need) => need switch
    {
        MachineRequirement.Strace => Works("strace", "-f", "-o", "/dev/null", "true")
            ? null
            : "strace is not there or may not be used (apt-get install strace).",
        MachineRequirement.SystemLibrary => NativeLibrary.TryLoad(SystemLibrary, out _)
            ? null
            : $"{SystemLibrary} is not there (apt-get install libsqlite3-0).",
        _ => Works("unshare", "--mount", "true") ? null : "File systems may not be mounted: this is not root on Linux.",
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
            return false; // No such program.
        }
    }
}

/// <summary>What a test needs of the machine.</summary>
internal enum MachineRequirement
{
    /// <summary>The program that makes system calls fail.</summary>
    Strace,

    /// <summary>The system's own SQLite.</summary>
    SystemLibrary,

    /// <summary>The right to mount a small file system.</summary>
    Mount,
}

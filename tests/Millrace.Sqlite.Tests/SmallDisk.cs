using System.Diagnostics;

namespace Millrace.Sqlite.Tests;

/// <summary>A file system of a few megabytes in memory, which is unmounted at the end of the test.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("millrace-disk-").FullName;

    public SmallDisk(int megabytes) => Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", _path);

    public string this[string name] => Path.Combine(_path, name);

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", _path);

    public void MakeWritable() => Run("mount", "-o", "remount,rw", _path);

    public void Dispose()
    {
        Run("umount", _path);
        Directory.Delete(_path);
    }

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }
}

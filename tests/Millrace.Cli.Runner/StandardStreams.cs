using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Millrace.Cli.Runner;

/// <summary>The process's standard input, output and error, which become files: a client that opens them afterwards
/// opens those.</summary>
/// <param name="folder">Holds <c>in</c>, which is there, and gets <c>out</c> and <c>err</c>.</param>
internal sealed partial class StandardStreams(string folder)
{
    /// <summary>Starts again: at the input's start, with an empty output and error.</summary>
    public void Begin()
    {
        Replace(0, File.OpenHandle(Path.Combine(folder, "in")));
        Replace(1, Written("out"));
        Replace(2, Written("err"));
        // These two keep what they opened first, and so they are opened again.
        Console.SetOut(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
        Console.SetError(new StreamWriter(Console.OpenStandardError()) { AutoFlush = true });
    }

    private SafeFileHandle Written(string name) =>
        File.OpenHandle(Path.Combine(folder, name), FileMode.Create, FileAccess.Write, FileShare.ReadWrite);

    private static void Replace(int stream, SafeFileHandle file)
    {
        using (file)
        {
            if (DuplicateTo((int)file.DangerousGetHandle(), stream) != stream)
                throw new IOException(
                    $"Standard stream {stream} cannot be replaced: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int DuplicateTo(int file, int stream);
}

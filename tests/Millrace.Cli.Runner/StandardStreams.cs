using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Millrace.Cli.Runner;

/// <summary>
/// Replaces the standard input, output and error of the process with files. Code that later opens a standard stream
/// opens its file.
/// </summary>
/// <param name="folder">
/// The folder that contains the file <c>in</c>. <c>out</c> and <c>err</c> are created there.
/// </param>
internal sealed partial class StandardStreams(string folder)
{
    /// <summary>Reopens the input at its start and empties the output and the error.</summary>
    public void Begin()
    {
        Replace(0, File.OpenHandle(Path.Combine(folder, "in")));
        Replace(1, CreateFile("out"));
        Replace(2, CreateFile("err"));
        // Console keeps the writers that it opened first, so they are replaced too.
        Console.SetOut(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
        Console.SetError(new StreamWriter(Console.OpenStandardError()) { AutoFlush = true });
    }

    private SafeFileHandle CreateFile(string name) =>
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

using System.Runtime.InteropServices;

namespace Millrace.Shared.Files;

/// <summary>Makes a file's new name durable. On Unix the directory stores it, and is synced separately.</summary>
internal static partial class DirectorySync
{
    private const string Library = "libc";
    private const int ReadOnly = 0; // O_RDONLY
    private const int InputOutputError = 5; // EIO

    /// <summary>Syncs the directory of a file.</summary>
    /// <remarks>
    /// If the directory cannot be read, or its file system cannot sync directories, nothing more is possible; SQLite
    /// behaves the same. On Windows, a name is as durable as the file.
    /// </remarks>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void Run(string file)
    {
        if (OperatingSystem.IsWindows())
            return;
        var directory = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";
        var handle = open(directory, ReadOnly);
        if (handle < 0)
            return;
        try
        {
            if (fsync(handle) != 0 && Marshal.GetLastPInvokeError() == InputOutputError)
                throw new IOException($"The disk failed while the directory '{directory}' was synced.");
        }
        finally
        {
            _ = close(handle);
        }
    }

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int fsync(int handle);

    [LibraryImport(Library)]
    private static partial int close(int handle);
}

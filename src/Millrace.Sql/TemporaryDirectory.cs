namespace Millrace.Sql;

/// <summary>
/// The private directory of a statement for the temporary files of the engine. It has a locked file, so that later
/// processes remove the directories of processes that were killed.
/// </summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private const string Prefix = "millrace-sql-";
    private const string LockFile = "lock";

    // Between the creation of a directory and its lock.
    private static readonly TimeSpan MinAge = TimeSpan.FromMinutes(1);

    private static readonly Lock Cleaning = new();
    private static readonly HashSet<string> Cleaned = new(StringComparer.Ordinal);

    private readonly FileStream _lock;

    private TemporaryDirectory(string path, FileStream lockFile) => (Path, _lock) = (path, lockFile);

    public string Path { get; }

    /// <summary>Creates a directory; null if none can be written, so that statements only use memory.</summary>
    /// <param name="parent">The parent; null for that of the system.</param>
    public static TemporaryDirectory? TryCreate(string? parent)
    {
        try
        {
            CleanOnce(parent ?? System.IO.Path.GetTempPath());
            var path = parent is null ? Directory.CreateTempSubdirectory(Prefix).FullName : CreateIn(parent);
            var lockFile = new FileStream(
                System.IO.Path.Combine(path, LockFile), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            return new TemporaryDirectory(path, lockFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        TryDelete(Path);
    }

    /// <summary>Removes the directories of processes that ended without removing them.</summary>
    public static void Clean(string parent, DateTime now)
    {
        foreach (var path in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            var file = System.IO.Path.Combine(path, LockFile);
            if (!File.Exists(file) || File.GetCreationTimeUtc(file) > now - MinAge)
                continue;
            try
            {
                using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    // No process has it.
                }
                TryDelete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A statement runs, or the directory is that of another user.
            }
        }
    }

    private static void CleanOnce(string parent)
    {
        lock (Cleaning)
        {
            if (!Cleaned.Add(parent))
                return;
        }
        Clean(parent, TimeProvider.System.GetUtcNow().UtcDateTime);
    }

    private static string CreateIn(string parent)
    {
        var path = System.IO.Path.Combine(parent, Prefix + System.IO.Path.GetRandomFileName());
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(
                path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static void TryDelete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next process tries again.
        }
    }
}

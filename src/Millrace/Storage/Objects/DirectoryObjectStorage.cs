using Millrace.Shared.Files;

namespace Millrace.Storage.Objects;

/// <summary>Stores objects as files of a directory. The segments of a name are subdirectories.</summary>
/// <remarks>
/// A file is written under a temporary name, synced and renamed, so that it is complete and durable. The directory must
/// exist: otherwise its disk may not be mounted. A process that was killed may leave a file whose name starts with
/// <c>.partial-</c>; it is not listed and can be removed.
/// </remarks>
public sealed class DirectoryObjectStorage : IObjectStorage
{
    private const string Temporary = ".partial-";
    private const int ReadOnlyFileSystem = 30; // EROFS
    private const int SyncBytes = 128 * 1024;

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _root;
    private readonly UnixFileMode _mode;

    /// <summary>Creates the storage. The directory is used later.</summary>
    /// <param name="directory">The path of the directory.</param>
    public DirectoryObjectStorage(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        _mode = Owner;
    }

    private DirectoryObjectStorage(string root, UnixFileMode mode) => (_root, _mode) = (root, mode);

    /// <inheritdoc/>
    public string Description => $"the directory {_root}";

    /// <summary>Gets the full path of the directory.</summary>
    internal string Root => _root;

    /// <summary>
    /// Returns the storage whose new files other users can read, as far as the umask of the process permits it.
    /// Otherwise, only their owner can read them.
    /// </summary>
    internal DirectoryObjectStorage ForOtherReaders() =>
        new(_root, Owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

    /// <inheritdoc/>
    public async ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        ObjectName.CheckSize(name, content.Length);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfMissing();
        var directory = Path.GetDirectoryName(path)!; // A file of the root directory.
        var temporary = Path.Combine(directory, Temporary + Path.GetRandomFileName());
        try
        {
            CreateDirectory(directory);
            await Write(temporary, content, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
            DirectorySync.Run(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed($"'{name}' was not written", exception);
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfMissing();
        try
        {
            // Another name may start with this one.
            return Directory.Exists(path) ? null : await Read(name, path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed($"'{name}' cannot be read", exception);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> List(
        string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectName.CheckPrefix(prefix);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfMissing();
        foreach (var found in Find(prefix, cancellationToken))
            yield return found;
        await ValueTask.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask Delete(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfMissing();
        try
        {
            if (!Directory.Exists(path))
                File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // There is no such object.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed($"'{name}' was not removed", exception);
        }
        return default;
    }

    private async Task Write(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            Options = FileOptions.Asynchronous,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = _mode;
        var file = new FileStream(path, options);
        await using var _ = file.ConfigureAwait(false);
        // A store on the same disk waits for a whole sync, so each is short.
        for (var start = 0; start == 0 || start < content.Length; start += SyncBytes)
        {
            var part = content.Slice(start, Math.Min(SyncBytes, content.Length - start));
            await file.WriteAsync(part, cancellationToken).ConfigureAwait(false);
            RandomAccess.FlushToDisk(file.SafeFileHandle);
        }
    }

    private async Task<ReadOnlyMemory<byte>?> Read(string name, string path, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.Read,
            Share = FileShare.ReadWrite | FileShare.Delete, // Windows replaces only a file that is shared for deletion.
            Options = FileOptions.Asynchronous,
            BufferSize = 0,
        };
        var file = new FileStream(path, options);
        await using var _ = file.ConfigureAwait(false);
        if (file.Length > ObjectName.MaxObjectBytes)
            throw new ObjectStorageException(
                $"'{name}' in the directory '{_root}' has {file.Length:N0} bytes, but an object has at most 64 MiB. "
                    + "Remove the file, or restore it.",
                ObjectStorageProblem.Other);
        var content = new byte[file.Length];
        await file.ReadExactlyAsync(content, cancellationToken).ConfigureAwait(false);
        return content;
    }

    private List<StoredObject> Find(string prefix, CancellationToken cancellationToken)
    {
        var slash = prefix.LastIndexOf('/');
        var start = slash < 0 ? _root : Path.Combine(_root, prefix[..slash].Replace('/', Path.DirectorySeparatorChar));
        var found = new List<StoredObject>();
        if (!Directory.Exists(start))
            return found;
        try
        {
            foreach (var file in FilesOf(new DirectoryInfo(start)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var name = Path.GetRelativePath(_root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
                if (name.StartsWith(prefix, StringComparison.Ordinal) && ObjectName.IsValid(name)
                    && SizeOf(file) is { } size)
                    found.Add(new StoredObject(name, size));
            }
        }
        catch (DirectoryNotFoundException) when (Directory.Exists(_root))
        {
            return found; // Another process has removed a subdirectory.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed("The objects cannot be listed", exception);
        }
        found.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return found;
    }

    /// <summary>
    /// Enumerates the files of a directory and its subdirectories, without those of other programs whose names are not
    /// valid: they may not be readable, such as <c>lost+found</c>.
    /// </summary>
    private static IEnumerable<FileInfo> FilesOf(DirectoryInfo directory)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos())
        {
            if (entry is FileInfo file)
            {
                yield return file;
                continue;
            }
            if (entry is not DirectoryInfo { LinkTarget: null } inner || !ObjectName.IsValid(inner.Name))
                continue;
            foreach (var found in FilesOf(inner))
                yield return found;
        }
    }

    /// <summary>Returns the size of a file, or null if it was deleted after it was found.</summary>
    private static long? SizeOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Creates a directory and its missing parents, so that they remain after a loss of power.</summary>
    private static void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
            return;
        if (Path.GetDirectoryName(path) is { } parent)
            CreateDirectory(parent);
        Directory.CreateDirectory(path);
        DirectorySync.Run(path);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A file with this name is never listed.
        }
    }

    private string PathOf(string name)
    {
        ObjectName.Check(name);
        return Path.Combine(_root, name.Replace('/', Path.DirectorySeparatorChar));
    }

    private void ThrowIfMissing()
    {
        if (!Directory.Exists(_root))
            throw new ObjectStorageException(
                $"The directory '{_root}' does not exist. Create it, or mount its disk.",
                ObjectStorageProblem.Unavailable);
    }

    private ObjectStorageException Failed(string what, Exception exception) =>
        new($"{what} in the directory '{_root}': {exception.Message}", ProblemOf(exception), exception);

    private static ObjectStorageProblem ProblemOf(Exception exception) => exception switch
    {
        UnauthorizedAccessException => ObjectStorageProblem.Denied,
        IOException io when IsFull(io.HResult) => ObjectStorageProblem.Full,
        IOException { HResult: ReadOnlyFileSystem } => ObjectStorageProblem.Denied,
        DirectoryNotFoundException => ObjectStorageProblem.Unavailable,
        _ => ObjectStorageProblem.Other,
    };

    // ENOSPC and EDQUOT of Linux, ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL of Windows.
    private static bool IsFull(int code) =>
        code is 28 or 122 or unchecked((int)0x80070027) or unchecked((int)0x80070070);
}

using Microsoft.Win32.SafeHandles;

namespace Millrace.Messaging.Bodies;

/// <summary>
/// Stores bodies in a folder on a disk that services share. Each body is a file. Bodies that expire in the same hour
/// are in the same subfolder.
/// </summary>
internal sealed class FolderBodyStore(string folder) : IBodyStore
{
    /// <summary>
    /// The access with which a file is opened for a flush. Only Windows requires write access. On other systems, read
    /// access is sufficient, so that a service can flush files of another user.
    /// </summary>
    private static readonly FileAccess FlushAccess =
        OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read;

    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>Gets the action that flushes a file to the disk. Tests replace the action.</summary>
    internal Action<SafeFileHandle> Flush { get; init; } = RandomAccess.FlushToDisk;

    public string Description => $"the folder {_folder}";

    public async ValueTask Put(BodyReference reference, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var path = PathOf(reference);
        if (await Find(reference, cancellationToken).ConfigureAwait(false) is { } existing
            && reference.IsOf(existing.Span)
            && TryFlush(path))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // The subfolder for the hour.
        var temporaryPath = $"{path}.{Path.GetRandomFileName()}";
        using (
            var file = File.OpenHandle(
                temporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous))
        {
            await RandomAccess.WriteAsync(file, body, 0, cancellationToken).ConfigureAwait(false);
            Flush(file);
        }
        File.Move(temporaryPath, path, overwrite: true);
        TryFlush(path); // Returns false only if another node removed the file because it had expired.
    }

    public async ValueTask<ReadOnlyMemory<byte>?> Find(BodyReference reference, CancellationToken cancellationToken)
    {
        // The disk may not be mounted. Then the store must not report the body as missing, and must not create the
        // folder at the mount point.
        if (!Directory.Exists(_folder))
            throw new DirectoryNotFoundException(
                $"'{_folder}' does not exist: create it, or mount its disk.");
        try
        {
            return await File.ReadAllBytesAsync(PathOf(reference), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public ValueTask<int> RemoveExpired(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var hourFolder in Directory.EnumerateDirectories(_folder))
        {
            if (BodyReference.ParseHour(Path.GetFileName(hourFolder)) is { } until && until <= now)
                removed += RemoveFolder(hourFolder, cancellationToken);
        }
        return new(removed);
    }

    /// <summary>
    /// Flushes a file to the disk, including its directory entry. <see cref="Put"/> also flushes a file that another
    /// node has written, because that node may not have flushed it yet. Returns false if the file does not exist.
    /// </summary>
    private bool TryFlush(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FlushAccess, FileShare.ReadWrite | FileShare.Delete);
            Flush(file);
            return true;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static int RemoveFolder(string hourFolder, CancellationToken cancellationToken)
    {
        var removed = 0;
        try
        {
            foreach (var file in Directory.EnumerateFiles(hourFolder))
            {
                cancellationToken.ThrowIfCancellationRequested();
                File.Delete(file);
                removed++;
            }
            Directory.Delete(hourFolder);
        }
        catch (DirectoryNotFoundException)
        {
            // Another node removed the folder first.
        }
        return removed;
    }

    private string PathOf(BodyReference reference) =>
        Path.Combine(_folder, BodyReference.HourOf(reference.Until), reference.Sha256);
}

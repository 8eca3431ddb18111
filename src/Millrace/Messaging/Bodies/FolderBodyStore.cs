using Microsoft.Win32.SafeHandles;

namespace Millrace.Messaging;

/// <summary>
/// Stores bodies in a folder on a disk that services share: a folder for each hour of expiry, a file for each body.
/// </summary>
internal sealed class FolderBodyStore(string folder) : IBodyStore
{
    /// <summary>
    /// Requires no write permission on files of another user where the operating system does not need it.
    /// </summary>
    private static readonly FileAccess ToFlush = OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read;

    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>Flushes a file to the disk; tests replace it.</summary>
    internal Action<SafeFileHandle> Flush { get; init; } = RandomAccess.FlushToDisk;

    public string Description => $"the folder {_folder}";

    public async ValueTask Put(BodyReference reference, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var path = PathOf(reference);
        if (await Find(reference, cancellationToken).ConfigureAwait(false) is { } there
            && reference.IsOf(there.Span)
            && TryKeep(path))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // The folder of the hour.
        var draft = $"{path}.{Path.GetRandomFileName()}";
        using (
            var file = File.OpenHandle(
                draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous))
        {
            await RandomAccess.WriteAsync(file, body, 0, cancellationToken).ConfigureAwait(false);
            Flush(file);
        }
        File.Move(draft, path, overwrite: true);
        TryKeep(path); // If the file is removed immediately, its body is not needed any more.
    }

    public async ValueTask<ReadOnlyMemory<byte>?> Find(BodyReference reference, CancellationToken cancellationToken)
    {
        // A disk that is not mounted must not look like a lost body, and must not be replaced by a new folder.
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
        foreach (var hour in Directory.EnumerateDirectories(_folder))
        {
            if (BodyReference.ParseHour(Path.GetFileName(hour)) is { } until && until <= now)
                removed += Remove(hour, cancellationToken);
        }
        return new(removed);
    }

    /// <summary>
    /// Flushes the directory entry of a file, even of an existing file, because its writer may not have done so yet.
    /// Returns false if the file does not exist any more.
    /// </summary>
    private bool TryKeep(string path)
    {
        try
        {
            using var named = File.OpenHandle(path, FileMode.Open, ToFlush, FileShare.ReadWrite | FileShare.Delete);
            Flush(named);
            return true;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static int Remove(string hour, CancellationToken cancellationToken)
    {
        var removed = 0;
        try
        {
            foreach (var file in Directory.EnumerateFiles(hour))
            {
                cancellationToken.ThrowIfCancellationRequested();
                File.Delete(file);
                removed++;
            }
            Directory.Delete(hour);
        }
        catch (DirectoryNotFoundException)
        {
            // Another node wrote the body first.
        }
        return removed;
    }

    private string PathOf(BodyReference reference) =>
        Path.Combine(_folder, BodyReference.HourOf(reference.Until), reference.Sha256);
}

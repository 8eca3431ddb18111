namespace Millrace.Messaging;

/// <summary>Bodies in a folder on a disk that services share: a folder for each hour at which bodies end, a file for each body.</summary>
internal sealed class FolderBodies(string folder) : IBodyStore
{
    private readonly string _folder = Path.GetFullPath(folder);

    public string Description => $"the folder {_folder}";

    public async ValueTask Put(BodyReference reference, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (await Find(reference, cancellationToken).ConfigureAwait(false) is { } there && reference.IsOf(there.Span))
            return;
        var path = PathOf(reference);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // It has one: the hour's.
        var draft = $"{path}.{Path.GetRandomFileName()}";
        using (var file = File.OpenHandle(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous))
        {
            await RandomAccess.WriteAsync(file, body, 0, cancellationToken).ConfigureAwait(false);
            RandomAccess.FlushToDisk(file);
        }
        File.Move(draft, path, overwrite: true);
        using var named = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(named); // So that its name is on the disk as well.
    }

    public async ValueTask<ReadOnlyMemory<byte>?> Find(BodyReference reference, CancellationToken cancellationToken)
    {
        // A disk that is not mounted must not look like a body that is lost, nor be written beside.
        if (!Directory.Exists(_folder))
            throw new DirectoryNotFoundException($"'{_folder}' is not there: make it, or mount the disk that it is on.");
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
            // Another node was faster.
        }
        return removed;
    }

    private string PathOf(BodyReference reference) =>
        Path.Combine(_folder, BodyReference.HourOf(reference.Until), reference.Sha256);
}

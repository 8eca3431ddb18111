using Millrace.Backups.Format;
using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>Reads and writes the objects of one store's backups.</summary>
internal sealed class BackupPlace(IObjectStorage objects, string? passphrase, Guid store)
{
    private readonly BackupCipher? _cipher = passphrase is null ? null : BackupCipher.Derive(passphrase, store);
    private (BackupInfo Info, ReadOnlyMemory<byte> Content)? _segment; // The last one that GetLog found.

    public string Description => objects.Description;

    /// <summary>Gets the id of the store.</summary>
    public Guid Store => store;

    /// <summary>Stores an object without content, and returns its size.</summary>
    public Task<long> Put(string name, BackupInfo info, CancellationToken cancellationToken) =>
        Put(name, info, [], cancellationToken);

    /// <summary>Stores an object, and returns its size.</summary>
    /// <param name="name">The name.</param>
    /// <param name="info">The info, without the name.</param>
    /// <param name="content">The content, in parts that follow each other.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<long> Put(
        string name,
        BackupInfo info,
        IReadOnlyList<ReadOnlyMemory<byte>> content,
        CancellationToken cancellationToken)
    {
        var built = BackupObject.Build(info with { Name = name }, content, _cipher);
        await objects.Put(name, built.Bytes, cancellationToken).ConfigureAwait(false);
        built.Return();
        return built.Length;
    }

    /// <summary>Reads an object.</summary>
    /// <exception cref="BackupException">The object is missing, damaged, or encrypted with another
    /// passphrase.</exception>
    public async Task<(BackupInfo Info, ReadOnlyMemory<byte> Content)> Get(
        string name, CancellationToken cancellationToken)
    {
        return await Find(name, cancellationToken).ConfigureAwait(false) ?? throw Missing(name);
    }

    /// <summary>
    /// Reads an object with a part of the log. If the part was joined to a segment meanwhile, returns the segment.
    /// </summary>
    /// <exception cref="BackupException">The object is missing, damaged, or encrypted with another
    /// passphrase.</exception>
    public async Task<(BackupInfo Info, ReadOnlyMemory<byte> Content)> GetLog(
        string name, CancellationToken cancellationToken)
    {
        if (_segment is { } known && known.Info.Objects?.Contains(name) is true)
            return known;
        if (await Find(name, cancellationToken).ConfigureAwait(false) is { } found)
            return found;
        var part = LogObjectName.Parse(name, 0);
        var folder = name[..(name.LastIndexOf('/') + 1)];
        await foreach (var stored in objects.List(folder, cancellationToken).ConfigureAwait(false))
        {
            if (part is null
                || LogObjectName.Parse(stored.Name, stored.Size) is not { IsPart: false } segment
                || segment.FromNumber > part.FromNumber
                || segment.ToNumber < part.ToNumber
                || await Find(segment.Name, cancellationToken).ConfigureAwait(false) is not { } joined
                || joined.Info.Objects?.Contains(name) is not true)
                continue;
            _segment = joined;
            return joined;
        }
        throw Missing(name);
    }

    /// <summary>Returns true if an object is encrypted; null if there is none.</summary>
    public async Task<bool?> IsEncrypted(string name, CancellationToken cancellationToken) =>
        await objects.Get(name, cancellationToken).ConfigureAwait(false) is { } stored
            ? BackupObject.IsEncrypted(stored.Span)
            : null;

    /// <summary>Reads the content of an object.</summary>
    /// <exception cref="BackupException">The content is not as written.</exception>
    public T Read<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (IsFormatError(exception))
        {
            throw Damaged(name, exception);
        }
    }

    private BackupException Damaged(string name, Exception exception) =>
        new($"'{name}' in {Description} cannot be read: {exception.Message.TrimEnd('.')}.", exception)
        {
            DamagedObject = name,
        };

    /// <summary>Returns true if an exception states that a content is not as written.</summary>
    private static bool IsFormatError(Exception exception) =>
        exception is BackupFormatException or FormatException or ArgumentException or InvalidNameException;

    public ValueTask Delete(string name, CancellationToken cancellationToken) =>
        objects.Delete(name, cancellationToken);

    /// <summary>Lists the names that start with a prefix, in order.</summary>
    public async Task<IReadOnlyList<string>> ListNames(string prefix, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var stored in objects.List(prefix, cancellationToken).ConfigureAwait(false))
            names.Add(stored.Name);
        return names;
    }

    /// <summary>Removes the objects whose names start with a prefix.</summary>
    public async Task DeleteAll(string prefix, CancellationToken cancellationToken)
    {
        foreach (var name in await ListNames(prefix, cancellationToken).ConfigureAwait(false))
            await objects.Delete(name, cancellationToken).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<BackupContents>> List(CancellationToken cancellationToken) =>
        BackupContents.List(objects, $"{store:N}/", cancellationToken);

    private async Task<(BackupInfo Info, ReadOnlyMemory<byte> Content)?> Find(
        string name, CancellationToken cancellationToken)
    {
        if (await objects.Get(name, cancellationToken).ConfigureAwait(false) is not { } stored)
            return null;
        try
        {
            var opened = BackupObject.Open(stored.Span, _cipher);
            if (opened.Info.Store != store)
                throw new BackupFormatException($"it belongs to another store ({opened.Info.Store:N})");
            // A name states positions and gaps, and is not encrypted.
            if (opened.Info.Name != name)
                throw new BackupFormatException($"it was written as '{opened.Info.Name}'");
            return opened;
        }
        catch (BackupFormatException exception)
        {
            throw Damaged(name, exception);
        }
    }

    private BackupException Missing(string name) =>
        new($"'{name}' is missing in {Description}.") { DamagedObject = name };
}

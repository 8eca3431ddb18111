using Millrace.Backups.Format;
using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>Reads and writes the objects of one store's backups.</summary>
internal sealed class BackupPlace(IObjectStorage objects, string? passphrase, Guid store)
{
    private readonly BackupCipher? _cipher = passphrase is null ? null : BackupCipher.Derive(passphrase, store);

    public string Description => objects.Description;

    /// <summary>Stores an object, and returns its size.</summary>
    public async Task<long> Put(
        string name, BackupInfo info, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var built = BackupObject.Build(info, content.Span, _cipher);
        await objects.Put(name, built, cancellationToken).ConfigureAwait(false);
        return built.Length;
    }

    /// <summary>Reads an object.</summary>
    /// <exception cref="BackupException">The object is missing, damaged, or encrypted with another
    /// passphrase.</exception>
    public async Task<(BackupInfo Info, ReadOnlyMemory<byte> Content)> Get(
        string name, CancellationToken cancellationToken)
    {
        var stored = await objects.Get(name, cancellationToken).ConfigureAwait(false)
            ?? throw new BackupException($"'{name}' is missing in {Description}.") { DamagedObject = name };
        try
        {
            var opened = BackupObject.Open(stored.Span, _cipher);
            return opened.Info.Store == store
                ? opened
                : throw new BackupFormatException($"it belongs to another store ({opened.Info.Store:N})");
        }
        catch (BackupFormatException exception)
        {
            throw new BackupException($"'{name}' in {Description} cannot be read: {exception.Message}.", exception)
            {
                DamagedObject = name,
            };
        }
    }

    public ValueTask Delete(string name, CancellationToken cancellationToken) =>
        objects.Delete(name, cancellationToken);

    /// <summary>Removes the objects whose names start with a prefix.</summary>
    public async Task DeleteAll(string prefix, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var stored in objects.List(prefix, cancellationToken).ConfigureAwait(false))
            names.Add(stored.Name);
        foreach (var name in names)
            await objects.Delete(name, cancellationToken).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<BackupContents>> List(CancellationToken cancellationToken) =>
        BackupContents.List(objects, $"{store:N}/", cancellationToken);
}

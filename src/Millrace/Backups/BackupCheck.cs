using Millrace.Backups.Format;
using Millrace.Storage;

namespace Millrace.Backups;

/// <summary>Reads every object of a set, and lists the damaged ones.</summary>
internal sealed class BackupCheck(
    BackupPlace place, BackupContents contents, IProgress<MaintenanceProgress>? progress)
{
    private readonly List<DamagedObject> _damaged = [];

    public IReadOnlyList<DamagedObject> Damaged => _damaged;

    public HashSet<string> Names => _damaged.Select(one => one.Name).ToHashSet(StringComparer.Ordinal);

    public long Objects { get; private set; }

    public async Task Run(CancellationToken cancellationToken)
    {
        foreach (var copy in contents.Copies)
        {
            var info = await Read(copy.Name, cancellationToken).ConfigureAwait(false);
            foreach (var rows in info?.Objects ?? [])
                await Read(rows, cancellationToken).ConfigureAwait(false);
        }
        foreach (var part in contents.Log)
            await Read(part.Name, cancellationToken, isLog: true).ConfigureAwait(false);
    }

    private async Task<BackupInfo?> Read(string name, CancellationToken cancellationToken, bool isLog = false)
    {
        Objects++;
        progress?.Report(new MaintenanceProgress(Objects, 0, "objects"));
        try
        {
            var read = isLog ? place.GetLog(name, cancellationToken) : place.Get(name, cancellationToken);
            return (await read.ConfigureAwait(false)).Info;
        }
        catch (BackupException exception) when (exception.DamagedObject is not null)
        {
            _damaged.Add(new DamagedObject(name, exception.Message));
            return null;
        }
    }
}

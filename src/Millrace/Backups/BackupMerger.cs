using Millrace.Backups.Format;
using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>
/// Joins parts of the log to segments, so that a restore reads few objects. A segment is complete before its parts are
/// removed.
/// </summary>
internal sealed class BackupMerger(BackupPlace place, BackupContents contents)
{
    /// <summary>The number of small parts that are joined.</summary>
    public const int MinParts = 64;

    private const long SegmentBytes = 16L * 1024 * 1024;
    private const long MaxPlainBytes = 48L * 1024 * 1024; // The content of a segment is in memory several times.

    /// <summary>Gets whether parts can be joined.</summary>
    public bool HasRun => NextRun().Count > 1;

    /// <summary>Gets or sets whether parts that were joined remain, because the place refuses deletion.</summary>
    public bool KeepsParts { get; set; }

    /// <summary>Merges, and returns the contents afterwards. They must be newly listed.</summary>
    public async Task<BackupContents> Run(CancellationToken cancellationToken)
    {
        await RemoveJoined(cancellationToken).ConfigureAwait(false);
        while (NextRun() is { Count: > 1 } run)
            await Join(run, cancellationToken).ConfigureAwait(false);
        return contents;
    }

    /// <summary>Removes parts that segments contain, as after a crash before they were removed.</summary>
    private async Task RemoveJoined(CancellationToken cancellationToken)
    {
        if (KeepsParts)
            return;
        foreach (var group in contents.Covered.GroupBy(one => one.Segment).ToList())
        {
            if (KeepsParts)
                return;
            var (info, _) = await place.Get(group.Key.Name, cancellationToken).ConfigureAwait(false);
            foreach (var (part, _) in group.Where(one => info.Objects?.Contains(one.Part.Name) is true))
                await Remove(part, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes a part. A place may refuse that, so that backups cannot be lost.</summary>
    private async Task Remove(LogObjectName part, CancellationToken cancellationToken)
    {
        if (KeepsParts)
            return;
        try
        {
            await place.Delete(part.Name, cancellationToken).ConfigureAwait(false);
            contents.Remove(part);
        }
        catch (ObjectStorageException exception) when (exception.Problem == ObjectStorageProblem.Denied)
        {
            KeepsParts = true;
        }
    }

    /// <summary>Returns the oldest consecutive parts that together are large or many enough.</summary>
    private List<LogObjectName> NextRun()
    {
        var run = new List<LogObjectName>();
        var bytes = 0L;
        foreach (var part in contents.Log.Except(contents.Covered.Select(one => one.Part)))
        {
            // A gap stays visible between two objects.
            if (!part.IsPart || part.Size >= SegmentBytes || (part.FollowsGap && run.Count > 0))
            {
                if (run.Count >= MinParts && HasNumbers(run))
                    return run;
                run.Clear();
                bytes = 0;
            }
            if (!part.IsPart || part.Size >= SegmentBytes)
                continue;
            run.Add(part);
            bytes += part.Size;
            if (bytes >= SegmentBytes && HasNumbers(run))
                return run;
        }
        return run.Count >= MinParts && HasNumbers(run) ? run : [];
    }

    /// <summary>
    /// Returns true if the parts have several numbers. An object with only one would be a part again.
    /// </summary>
    private static bool HasNumbers(List<LogObjectName> run) =>
        run.Count > 1 && run[0].FromNumber != run[^1].FromNumber;

    private async Task Join(List<LogObjectName> run, CancellationToken cancellationToken)
    {
        // All parts with the same number belong to the same segment.
        var parts = contents.Log.Where(part => part.IsPart
            && part.FromNumber >= run[0].FromNumber && part.ToNumber <= run[^1].ToNumber).ToList();
        var bodies = new List<ReadOnlyMemory<byte>>(parts.Count);
        var infos = new List<BackupInfo>(parts.Count);
        var bytes = 0L;
        foreach (var part in parts.ToList())
        {
            // Parts with the same number remain together, and a segment has at least two numbers.
            var former = parts[Math.Max(0, infos.Count - 1)].FromNumber;
            if (bytes >= MaxPlainBytes && former != part.FromNumber && former != parts[0].FromNumber)
                break;
            var (info, content) = await place.Get(part.Name, cancellationToken).ConfigureAwait(false);
            infos.Add(info);
            bodies.Add(content);
            bytes += content.Length;
        }
        parts = parts[..infos.Count];
        var name = new LogObjectName(
            parts[0].FromNumber,
            parts[^1].ToNumber,
            parts.Min(part => part.First),
            parts.Max(part => part.Last),
            parts.Max(part => part.LastTime),
            parts.Any(part => part.HasRemovals),
            parts.Any(part => part.FollowsGap),
            "",
            0)
        {
            HasAllChanges = parts[^1].HasAllChanges,
        }.Create(contents.Id.Folder, parts[^1].Suffix);
        var joined = infos[^1] with
        {
            First = infos.Min(info => info.First),
            Last = infos.Max(info => info.Last),
            Count = infos.Sum(info => info.Count),
            Changes = infos.Sum(info => info.Changes),
            FollowsGap = infos.Any(info => info.FollowsGap),
            Objects = [.. parts.Select(part => part.Name)],
        };
        var size = await place.Put(name, joined, LogContent.Join(bodies), cancellationToken).ConfigureAwait(false);
        contents.Add(new StoredObject(name, size));
        contents.Order();
        foreach (var part in parts)
            await Remove(part, cancellationToken).ConfigureAwait(false);
    }
}

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
        foreach (var group in contents.Covered.GroupBy(one => one.Segment))
        {
            var (info, _) = await place.Get(group.Key.Name, cancellationToken).ConfigureAwait(false);
            foreach (var (part, _) in group.Where(one => info.Objects?.Contains(one.Part.Name) is true))
            {
                await place.Delete(part.Name, cancellationToken).ConfigureAwait(false);
                contents.Remove(part);
            }
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
                if (run.Count >= MinParts)
                    return run;
                run.Clear();
                bytes = 0;
            }
            if (!part.IsPart || part.Size >= SegmentBytes)
                continue;
            run.Add(part);
            bytes += part.Size;
            if (bytes >= SegmentBytes)
                return run;
        }
        return run.Count >= MinParts ? run : [];
    }

    private async Task Join(List<LogObjectName> run, CancellationToken cancellationToken)
    {
        // All parts with the same number belong to the same segment.
        var parts = contents.Log.Where(part => part.IsPart
            && part.FromNumber >= run[0].FromNumber && part.ToNumber <= run[^1].ToNumber).ToList();
        var bodies = new List<ReadOnlyMemory<byte>>(parts.Count);
        var infos = new List<BackupInfo>(parts.Count);
        foreach (var part in parts)
        {
            var (info, content) = await place.Get(part.Name, cancellationToken).ConfigureAwait(false);
            infos.Add(info);
            bodies.Add(content);
        }
        var name = new LogObjectName(
            parts[0].FromNumber,
            parts[^1].ToNumber,
            parts.Min(part => part.First),
            parts.Max(part => part.Last),
            parts.Max(part => part.LastTime),
            parts.Any(part => part.HasRemovals),
            parts[0].FollowsGap,
            "",
            0).Create(contents.Id.Folder, parts[^1].Suffix);
        var joined = infos[^1] with
        {
            First = infos.Min(info => info.First),
            Last = infos.Max(info => info.Last),
            Count = infos.Sum(info => info.Count),
            Changes = infos.Sum(info => info.Changes),
            FollowsGap = infos[0].FollowsGap,
            Objects = [.. parts.Select(part => part.Name)],
        };
        var size = await place.Put(name, joined, LogContent.Join(bodies), cancellationToken).ConfigureAwait(false);
        contents.Add(new StoredObject(name, size));
        contents.Order();
        foreach (var part in parts)
        {
            await place.Delete(part.Name, cancellationToken).ConfigureAwait(false);
            contents.Remove(part);
        }
    }
}

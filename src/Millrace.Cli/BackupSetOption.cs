using System.CommandLine;
using Millrace.Storage.Objects;
using Spectre.Console;

namespace Millrace.Cli;

/// <summary>The options that choose a set of backups and a point in it.</summary>
internal sealed class BackupSetOption
{
    private readonly Option<string?> _set = new("--set")
    {
        HelpName = "ID",
        Description = "The set, such as 2-1, or its id as 'millrace backups' shows it; by default the newest one.",
    };

    private readonly Option<string?> _at = new("--at")
    {
        HelpName = "POINT",
        Description = "A position, a time with its time zone (2026-01-02T10:22:01+01:00; UTC without one), or an age "
            + "such as 2h; by default the last position.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_set);
        command.Options.Add(_at);
    }

    /// <summary>Returns the specified point; null for the last one.</summary>
    /// <exception cref="CliException">The text is neither a position nor a time.</exception>
    public RestorePoint? Point(ToolInvocation call)
    {
        if (call.Get(_at) is not { } text)
            return null;
        if (LogPositionParser.TryParse(text, out var position))
            return RestorePoint.At(position);
        return FilterOptions.TimeOf(text) is { } time
            ? RestorePoint.At(time)
            : throw new CliException(
                ExitCode.Usage,
                $"'{text}' is neither a position nor a time: use 1042, 2026-01-02T10:22:01+01:00, or an age, such as "
                    + "90s, 15m, 2h or 7d.");
    }

    /// <summary>Returns the chosen set of a place.</summary>
    /// <exception cref="CliException">There is no such set, or there are several.</exception>
    public async Task<BackupSet> Find(ToolInvocation call, IObjectStorage place, CancellationToken cancellationToken)
    {
        var sets = await StoreRestore.List(place, cancellationToken);
        var candidates = sets;
        if (call.Get(_set) is { } text)
            candidates = [.. sets.Where(set => IsNamed(set.Id, text))];
        if (sets.Count == 0)
            throw new CliException(
                ExitCode.NotFound,
                $"{Place(place)} contains no backup.",
                "To write one: millrace backup PLACE. A continuous backup writes to the place of UseBackup.");
        if (candidates.Count == 0)
            throw new CliException(
                ExitCode.NotFound,
                $"{Place(place)} contains no backup set '{call.Get(_set)}'.",
                $"Choose one of these with --set: {Ids(sets)}");
        if (candidates.Any(set => set.Id.Store != candidates[0].Id.Store))
            throw new CliException(
                ExitCode.Usage,
                $"{Place(place)} contains backups of several stores.",
                $"Choose one of these sets with --set: {Ids(candidates)}");
        var latest = BackupSet.Latest(candidates);
        if (latest.Id.Epoch < candidates[^1].Id.Epoch)
            call.Errors.WriteLine(
                $"Set {candidates[^1].Id} is newer, and cannot be restored: it has no copy of the tables yet. This "
                    + $"uses set {latest.Id}.");
        return latest;
    }

    /// <summary>Returns the description of a place at the start of a sentence.</summary>
    private static string Place(IObjectStorage place) =>
        char.ToUpperInvariant(place.Description[0]) + place.Description[1..];

    private static string Ids(IEnumerable<BackupSet> sets) => string.Join(", ", sets.Select(set => set.Id.ToString()));

    private static bool IsNamed(BackupSetId id, string text) =>
        id.ToString() == text || id.ToString().EndsWith("/" + text, StringComparison.Ordinal);
}
